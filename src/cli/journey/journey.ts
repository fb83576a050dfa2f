/**
 * The journey: what `npm start` runs. A document's whole way through a ledger, shown step by step: our sample in a new ledger, or the
 * user's own document on theirs, stopping wherever a human must rule. All it does goes through the ledger; it keeps nothing of its own.
 */

import { basename, dirname, extname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { planCut } from "../../documents/planCut.js";
import { findUtf8Fault } from "../../documents/utf8.js";
import type { Context } from "../Context.js";
import type { Typing } from "../output/hint.js";
import { type ExitCode, malformedStop, problemLines, problemOf, refusedStop } from "../output/Problem.js";
import { counted } from "../output/text.js";
import { readInput } from "../readInput.js";
import { keyRing } from "../session/keyRing.js";
import { shownLedger } from "../session/ledgerUrl.js";
import type { Journey, Place } from "./act.js";
import { documentScene, ledgerScene, runScene, type Source } from "./beginning.js";
import { closing, replayScene, standing } from "./ending.js";
import { goOn } from "./goOn.js";
import { newSamplePlace, openPlace, placeOf } from "./openPlace.js";
import { described, peopleWith } from "./people.js";
import { type Screen, screen } from "./Screen.js";
import { shellLine } from "./wording.js";

/** The words of the command. */
export interface JourneyWords {
  /** How a statute is numbered: `en`, `vi`, `de`, `numbered`. Default: found out. */
  readonly profile?: string;
  /** `markdown` or `statute`. Default: found out. */
  readonly grammar?: string;
  /** The local human who approves every gate and acknowledges every finding, unasked: for trying out. */
  readonly rule?: string;
  /** Whether the enacted version is taken back at the end, through SG_C. Always on the sample; else only when asked for. */
  readonly compensate?: boolean;
  /** Whether a new run is opened although this revision was enacted, or taken back, already. */
  readonly again?: boolean;
}

/** What a journey needs of the program's context; it sets `interrupted`, since it ends itself. */
export type JourneyContext = Pick<
  Context,
  | "terminal"
  | "config"
  | "signal"
  | "style"
  | "json"
  | "ledger"
  | "postgres"
  | "keys"
  | "passphraseFrom"
  | "workFactor"
  | "interrupted"
>;

/** Makes the journey. 0: done, and replay passed. 1: refused, held, or it waits for a ruling. 2: malformed. 3: cannot. 130: Ctrl-C. */
export async function journey(
  context: JourneyContext,
  file: string | undefined,
  words: JourneyWords = {},
): Promise<ExitCode> {
  const { terminal, signal, style } = context;
  if (context.json) {
    throw malformedStop(
      "JSON_UNSUPPORTED",
      "A journey is told to people; it has no JSON.",
      "Leave out --json, or take the steps one by one: iu-ledger run --help",
    );
  }
  const shown = screen(terminal, style, { program: context.config.program, flags: "" });
  // The way out on Ctrl-C is below: it finishes the append, and says where the run stands.
  context.interrupted = () => new Promise(() => undefined);
  signal.addEventListener("abort", () => terminal.note("Stopping after this append …"), { once: true });
  const began: { journey?: Journey } = {};
  try {
    return await make(context, file, words, shown, began);
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined) throw error;
    shown.gap();
    if (problem.exit !== 130) terminal.note(problemLines(problem, style, typingIn(context, began.journey)).join("\n"));
    else if (began.journey === undefined) terminal.note("Interrupted before anything was begun.");
    else {
      terminal.note(await standing(began.journey));
      terminal.note(`Go on with: ${style.command(began.journey.again)}`);
    }
    return problem.exit;
  } finally {
    await began.journey?.ledger.close();
  }
}

/** How lines are typed on this journey's ledger. */
function typingIn({ config }: JourneyContext, journey: Journey | undefined): Typing {
  const { ledgerFlags = [], keysFlags = [] } = journey?.place ?? {};
  const flags = shellLine([...ledgerFlags, ...keysFlags]);
  return { program: config.program, flags: flags === "" ? "" : ` ${flags}` };
}

async function make(
  context: JourneyContext,
  file: string | undefined,
  words: JourneyWords,
  shown: Screen,
  began: { journey?: Journey },
): Promise<ExitCode> {
  const since = performance.now();
  const sample = file === undefined;
  assertWords(context.config.journey, sample, words);
  const cutting = {
    ...(words.grammar === undefined ? {} : { grammar: words.grammar }),
    ...(words.profile === undefined ? {} : { profile: words.profile }),
  };
  const source = await readSource(context, file ?? samplePath(), sample, cutting);
  const place = sample ? newSamplePlace(dirname(context.config.ledger), context.config.program) : placeOf(context);
  const current: { appended: (events: number) => void } = { appended: () => undefined };
  const ledger = await openPlace(place, context.signal, (events) => current.appended(events));
  const rule = sample ? "sovereign" : (words.rule ?? null);
  const going: Journey = Object.assign(current, {
    terminal: context.terminal,
    screen: shown,
    signal: context.signal,
    ledger,
    place,
    again: againLine(context.config.journey, sample, words, place, source),
    cutting,
    story: sample,
    rule,
    compensate: sample || (words.compensate ?? false),
    anew: words.again ?? false,
    people: [],
    document: "",
    run: "",
  });
  began.journey = going;
  const { size } = await ledger.store.head();
  shown.heading(
    sample ? "A document's way through the ledger" : `${basename(source.path)} on its way through the ledger`,
    [
      ["document", `${source.path}, ${counted(source.bytes.length, "byte")}`],
      ["ledger", `${shownLedger(place.ledger)} (${size === 0 ? "new" : counted(size, "event")})`],
      ["keys", place.keys],
    ],
  );
  going.people = await ledgerScene(ledger, place, keyRing(context, { folder: place.keys, demonstration: true }), shown);
  if (rule !== null) assertRuler(going, rule);
  await documentScene(going, source);
  await runScene(going);
  await goOn(going);
  const verdict = await replayScene(going);
  await closing(going, performance.now() - since, size);
  return verdict === "PASS" ? 0 : 1;
}

/** Our sample, in the package: the build mirrors the source tree, in `build/src/cli/journey/`. */
function samplePath(): string {
  const path = fileURLToPath(new URL("../../../../samples/charter.md", import.meta.url));
  const near = relative(".", path);
  return near.startsWith("..") ? path : near;
}

/** So much of a file is enough to find its title, and to see that grammar and profile are known. */
const beginning = 64 * 1024;

/** Reads the file and sees that it can be cut: one that cannot is refused before there is a ledger, a document or a run to clean up after. */
async function readSource(
  context: JourneyContext,
  path: string,
  sample: boolean,
  cutting: Journey["cutting"],
): Promise<Source> {
  const bytes = await readInput(context, path === "-" ? "./-" : path);
  const fault = findUtf8Fault(bytes);
  if (fault !== null) {
    const message = `${path}: byte ${fault.offset} is ${fault.what}; a document is UTF-8 text without NUL.`;
    throw refusedStop(fault.code, message, "Convert the file to UTF-8, then try again.", { offset: fault.offset });
  }
  const outcome = planCut(bytes.subarray(0, characterEnd(bytes, beginning)), cutting);
  if (!outcome.ok) {
    const { code, message, next, offset } = outcome;
    const named = code === "UNKNOWN_GRAMMAR" || code === "UNKNOWN_PROFILE";
    throw named
      ? malformedStop(code, `${message}.`, next)
      : refusedStop(code, `${path}: ${message}.`, next, { offset });
  }
  const heading = outcome.plan.units[0]?.title ?? basename(path, extname(path));
  const title = heading.replace(/\s+/g, " ").trim().slice(0, 200).toWellFormed();
  return { path, bytes, source: sample ? `samples/${basename(path)}` : path, title };
}

/** The end of the last whole character that ends at or before `at`, in valid UTF-8. */
function characterEnd(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return bytes.length;
  let end = at;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}

function assertRuler({ people, place }: Journey, rule: string): void {
  const sovereigns = peopleWith(people, ["sovereign"], { human: true });
  if (sovereigns.some(({ id }) => id === rule)) return;
  throw refusedStop(
    "RULER_UNFIT",
    `--rule ${rule}: that is no local human with the role sovereign.`,
    sovereigns.length === 0
      ? `There is none with a key in ${place.keys}.`
      : `There is ${sovereigns.map(described).join(", ")}.`,
    { rule },
  );
}

/** The words that only make sense for a document of one's own. */
function assertWords(journeyLine: string, sample: boolean, words: JourneyWords): void {
  const [word] = Object.keys(words);
  if (!sample || word === undefined) return;
  throw malformedStop(
    "FILE_REQUIRED",
    `--${word} goes with a document of your own.`,
    `Name it: ${journeyLine} FILE --${word} …`,
  );
}

/** The command that goes on where this journey stops. For the sample, which has a ledger of its own, that ledger is named. */
function againLine(
  journeyLine: string,
  sample: boolean,
  words: JourneyWords,
  { ledgerFlags, keysFlags }: Place,
  { path }: Source,
): string {
  const { profile, grammar, rule, compensate = false } = words;
  const line = [
    path,
    ...(profile === undefined ? [] : ["--profile", profile]),
    ...(grammar === undefined ? [] : ["--grammar", grammar]),
    ...ledgerFlags,
    ...keysFlags,
    ...(sample ? ["--rule", "sovereign"] : rule === undefined ? [] : ["--rule", rule]),
    ...(sample || compensate ? ["--compensate"] : []),
  ];
  return `${journeyLine} ${shellLine(line)}`;
}
