/** One journey under way: its ledger, its people, what it is shown on. Handed from scene to scene; only `document` and `run` change. */
import type { CommandData, CommandType } from "../../../commands/Command.js";
import { type RunState, runCategory } from "../../../commands/run/State.js";
import type { GovernedLedger } from "../../app.js";
import type { Committed } from "../../ledger/Decision.js";
import { Stop } from "../output/Problem.js";
import { outcomeOf } from "../output/result.js";
import type { Terminal } from "../output/Terminal.js";
import { checkInterrupt } from "./interrupt.js";
import { described, type Person } from "./people.js";
import type { Screen } from "./Screen.js";
import { positionsOf, shellLine, typesOf } from "./wording.js";

export interface Place {
  /** The ledger's file, or its URL. */
  readonly ledger: string;
  /** The database of its copy, where it has one. */
  readonly postgres?: string | undefined;
  /** The folder of the keys. */
  readonly keys: string;
  /** What a command needs to be told to find them; empty where they are where it looks anyway. */
  readonly ledgerFlags: readonly string[];
  readonly keysFlags: readonly string[];
  /** What is typed to call this program. */
  readonly program: string;
}

export interface Journey {
  readonly terminal: Terminal;
  readonly screen: Screen;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
  readonly ledger: GovernedLedger;
  readonly place: Place;
  /** The command that goes on with this journey. */
  readonly again: string;
  /** How to cut, where somebody said so. */
  readonly cutting: { readonly grammar?: string; readonly profile?: string };
  /** On our sample: what is refused on the way is shown too. */
  readonly story: boolean;
  /** Who rules without being asked, for trying out; null: a person is asked, or waited for. */
  readonly rule: string | null;
  /** Whether the enacted run is taken back at the end. */
  readonly compensate: boolean;
  /** Whether a revision that was enacted or taken back already gets a new run. */
  readonly anew: boolean;
  people: readonly Person[];
  document: string;
  run: string;
  /** Told of each durable append, by how many events: for progress. */
  appended: (events: number) => void;
}

/** The run as it stands. */
export function runState(journey: Journey): Promise<Readonly<RunState>> {
  return journey.ledger.state(runCategory, journey.run);
}

/**
 * Submits a command as somebody, shows what came of it (`show`) and that it is on the ledger. Stops the journey on every answer that is
 * not a yes.
 */
export async function act<T extends CommandType>(
  journey: Journey,
  person: Person,
  type: T,
  data: CommandData<T>,
  show: (events: readonly Committed[]) => void = () => undefined,
): Promise<readonly Committed[]> {
  const { ledger, screen, signal } = journey;
  checkInterrupt(signal);
  const since = performance.now();
  working(journey, type);
  const outcome = outcomeOf(await ledger.submit(type, data, person.signer));
  if (!outcome.ok) throw new Stop(outcome.problem);
  const { events } = outcome.done;
  const ms = performance.now() - since;
  show(events);
  if (events.length > 0) screen.act(positionsOf(events), typesOf(events), described(person), ms);
  return events;
}

/** Says on a terminal what is at work, until the next line is shown: deciding about a large document takes its time. */
export function working({ terminal, screen }: Pick<Journey, "terminal" | "screen">, what: string): void {
  terminal.redraw(screen.style.faint(`    ${what} …`));
}

/** Shows a command that must be refused, and that the attempt is on the ledger. Throws where it was not refused: then the ledger is broken. */
export async function attempt<T extends CommandType>(
  journey: Journey,
  person: Person,
  type: T,
  data: CommandData<T>,
): Promise<void> {
  const { ledger, screen } = journey;
  const since = performance.now();
  const result = await ledger.submit(type, data, person.signer);
  if (result.kind !== "refused")
    throw new Error(`${type} by ${person.id} should have been refused, and was ${result.kind}`);
  screen.refusal(result.code, result.message, result.next);
  if (result.position !== null)
    screen.act(`#${result.position}`, ["CommandRefused"], described(person), performance.now() - since);
}

/** The data of the one event of a type among those appended. Throws where there is none: the ledger did not do what it was asked. */
export function dataOf<D>(events: readonly Committed[], type: string): D {
  const found = events.find(({ event }) => event.type === type);
  if (found === undefined) throw new Error(`no ${type} was appended`);
  return found.event.data as D;
}

/** An `iu-ledger` command line that only reads this journey's ledger. */
export function readingLine({ place }: Pick<Journey, "place">, ...words: string[]): string {
  return `${place.program} ${shellLine([...words, ...place.ledgerFlags])}`;
}

/** An `iu-ledger` command line that signs with one of this journey's keys. */
export function signingLine({ place }: Pick<Journey, "place">, ...words: string[]): string {
  return `${place.program} ${shellLine([...words, ...place.ledgerFlags, ...place.keysFlags])}`;
}
