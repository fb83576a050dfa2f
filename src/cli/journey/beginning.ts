/** How a journey begins: the ledger and its people, the document, the run. Each step does only what is not on the ledger yet. */
import { resolve } from "node:path";
import { documentCategory } from "../../../commands/document.js";
import { runCategory } from "../../../commands/run/State.js";
import { listDocuments } from "../../../projections/document/queries.js";
import { listRuns } from "../../../projections/run_live_state/queries.js";
import type { GovernedLedger } from "../../app.js";
import { uuidV5 } from "../../events/uuid.js";
import { keyFile } from "../../keys/keyFolder.js";
import { publicKeyOf } from "../../keys/Signer.js";
import type { Committed } from "../../ledger/Decision.js";
import { refusedStop, Stop } from "../output/Problem.js";
import { outcomeOf } from "../output/result.js";
import { brief, counted, grouped, shortId, visible } from "../output/text.js";
import type { KeyRing } from "../session/keyRing.js";
import { isOnlyBegun, localCast, localKey, type Part, unregistered } from "../session/localCast.js";
import { act, type Journey, type Place, signingLine } from "./act.js";
import { described, type Person, personWith, readPeople } from "./people.js";
import type { Screen } from "./Screen.js";
import { positionsOf, typesOf } from "./wording.js";

/** The ledger opened with its root of trust, and everybody registered whom a run needs. Answers the local people. */
export async function ledgerScene(
  ledger: GovernedLedger,
  place: Place,
  ring: KeyRing,
  screen: Screen,
): Promise<readonly Person[]> {
  if ((await ledger.identity()) === null) await openScene(ledger, place, ring, screen);
  const missing = await unregistered(ledger);
  // Somebody else's ledger has its own people.
  if (missing.length > 0 && (await isOnlyBegun(ledger))) await peopleScene(ledger, place, ring, screen, missing);
  return readPeople(ledger, ring);
}

async function openScene(ledger: GovernedLedger, place: Place, ring: KeyRing, screen: Screen): Promise<void> {
  screen.step("The ledger is opened, with its root of trust");
  const since = performance.now();
  const [root, ...others] = localCast;
  const signer = await localKey(ring, place.keys, root.principal);
  for (const { principal } of others) await localKey(ring, place.keys, principal);
  const outcome = outcomeOf(
    await ledger.init({ name: "Local ledger", origin: "ledger.example/local", sovereign: { name: root.name, signer } }),
  );
  if (!outcome.ok) throw new Stop(outcome.problem);
  const { events } = outcome.done;
  screen.say(
    "The first command brings its own sovereign, the policy, and the digests of the pinned writers. Its key is what an auditor trusts; everybody else is registered by somebody already there.",
  );
  screen.act(
    positionsOf(events),
    typesOf(events),
    described({ id: root.principal, kind: root.kind }),
    performance.now() - since,
  );
}

async function peopleScene(
  ledger: GovernedLedger,
  place: Place,
  ring: KeyRing,
  screen: Screen,
  missing: readonly Part[],
): Promise<void> {
  screen.step("The people of the ledger");
  const [root] = localCast;
  screen.table(
    [{ title: "principal" }, { title: "kind" }, { title: "roles" }, { title: "answers for it" }],
    localCast.map(({ principal, kind, roles, responsible }) => [principal, kind, roles.join(", "), responsible]),
  );
  screen.say(
    `Their keys are in ${place.keys}${ring.names().some((name) => keyFile(place.keys, name)?.sealed === false) ? ", without a passphrase" : ""}, to try things out. In earnest every human keeps their own, and none lies beside the ledger.`,
    screen.style.open,
  );
  const events: Committed[] = [];
  const since = performance.now();
  for (const part of missing) {
    const key = publicKeyOf((await localKey(ring, place.keys, part.principal)).privateKey);
    const data = { ...part, roles: [...part.roles], key };
    const outcome = outcomeOf(
      await ledger.submit("RegisterPrincipal", data, await localKey(ring, place.keys, root.principal)),
    );
    if (!outcome.ok) throw new Stop(outcome.problem);
    events.push(...outcome.done.events);
  }
  const types = [`PrincipalRegistered ×${missing.length}`, `KeyBound ×${missing.length}`];
  screen.act(positionsOf(events), types, described({ id: root.principal, kind: root.kind }), performance.now() - since);
}

export interface Source {
  readonly path: string;
  /** What the ledger is told of where it came from. */
  readonly source: string;
  readonly title: string;
  readonly bytes: Uint8Array;
}

/** The document registered, or revised, or found as it is. Sets `journey.document`. */
export async function documentScene(journey: Journey, { source, title, bytes }: Source): Promise<void> {
  const { ledger, screen } = journey;
  const found = await findDocument(ledger, source);
  if (found === null) {
    journey.document = uuidV5((await ledger.identity())?.ledger ?? "", source);
    screen.step("The document is registered");
    const content = await ledger.putContent(bytes);
    const editor = personWith(journey.people, ["editor"], journey.place.keys);
    await act(journey, editor, "RegisterDocument", { document: journey.document, title, source, content }, () =>
      showDocument(journey, title, bytes, content),
    );
    return;
  }
  journey.document = found;
  const state = await ledger.state(documentCategory, found);
  const newest = state.revisions.at(-1);
  const known = newest === undefined ? undefined : await ledger.content(newest.content);
  const same = known !== undefined && Buffer.compare(known.bytes, bytes) === 0;
  const last = state.revisions.length - 1;
  if (same) {
    screen.step("The document is on the ledger already");
    showDocument(journey, state.title, bytes, newest?.content ?? "", last);
    return;
  }
  // Before anything is announced: what is refused did not happen.
  if (state.openRun !== null) throw await changedUnderRun(journey, found, state.openRun, last);
  screen.step("The document is revised");
  const editor = personWith(journey.people, ["editor"], journey.place.keys);
  await act(journey, editor, "ReviseDocument", { document: found, content: await ledger.putContent(bytes) }, () =>
    showDocument(journey, state.title, bytes, null, last + 1),
  );
}

/** The file changed while a run is open on what it was. What was cut is taken back; a run that has cut nothing is abandoned. */
async function changedUnderRun(journey: Journey, document: string, run: string, revision: number): Promise<Stop> {
  const { units } = await journey.ledger.state(runCategory, run);
  const reason = ["--reason", "the text has changed"];
  const [word, line] =
    units.length === 0
      ? ["give it up", signingLine(journey, "run", "abandon", shortId(run), ...reason)]
      : [
          `take back the ${counted(units.length, "unit")} it has cut`,
          signingLine(journey, "run", "compensate", shortId(run), ...reason, "--execute"),
        ];
  return refusedStop(
    "RUN_OPEN",
    `The file is not what it was: run ${run} is open on revision ${revision} of this document, and the file holds other bytes. Nothing was revised.`,
    `Put the file back as it was to finish that run, or ${word}: ${line}`,
    { document, run },
  );
}

function showDocument(
  journey: Journey,
  title: string,
  bytes: Uint8Array,
  commitment: string | null,
  revision = 0,
): void {
  journey.screen.facts([
    ["title", visible(title)],
    ["document", journey.document],
    ["revision", `${revision}, ${counted(bytes.length, "byte")}`],
    ...(commitment === null
      ? []
      : [["commitment", `${brief(commitment)} (salted: the text lies beside the ledger, not in it)`] as const]),
  ]);
}

/** The document that was registered from this source, by this journey or by anybody. */
async function findDocument(ledger: GovernedLedger, source: string): Promise<string | null> {
  const ours = uuidV5((await ledger.identity())?.ledger ?? "", source);
  if ((await ledger.state(documentCategory, ours)).document !== null) return ours;
  await ledger.catchUp();
  const documents = await listDocuments(ledger.sql);
  return documents.findLast((row) => row.source !== null && resolve(row.source) === resolve(source))?.document ?? null;
}

/**
 * The run that is open, or was last closed in a way that leaves something to do, or has done all there is to do with this revision; else a new
 * one. Sets `journey.run`. What is done is done once: another run on a revision that was enacted or taken back must be asked for (`--again`).
 */
export async function runScene(journey: Journey): Promise<void> {
  const { ledger, screen, document } = journey;
  const state = await ledger.state(documentCategory, document);
  const under = state.openRun ?? (await unfinished(journey));
  const standing = under ?? (journey.anew ? null : await finished(journey, state));
  if (standing !== null) {
    const run = await ledger.state(runCategory, standing);
    journey.run = standing;
    screen.step(standingTitle(run.phase));
    screen.facts([
      ["run", standing],
      [
        "stands",
        `${run.phase}${run.phase === "cutting" ? `, ${grouped(run.units.length)} of ${counted(run.plan?.units ?? 0, "unit")}` : ""}`,
      ],
    ]);
    if (run.phase === "reverted")
      screen.say("Nothing is cut again. A new run on it is opened with --again.", screen.style.open);
    return;
  }
  journey.run = ledger.newId();
  screen.step("A run is opened");
  screen.say("One run at a time may be open on a document. It is live: it may cut, once everything is in place.");
  const orchestrator = personWith(journey.people, ["orchestrator"], journey.place.keys);
  await act(journey, orchestrator, "OpenRun", { run: journey.run, document, mode: "live" });
}

function standingTitle(phase: string): string {
  if (phase === "enacted") return "This revision is in force already";
  if (phase === "reverted") return "This revision was cut and taken back already";
  return "A run is under way: it goes on where it stands";
}

/** A run that has begun to take an enacted version back: nothing is open on the document, and the run is not done. */
async function unfinished({ ledger, document }: Journey): Promise<string | null> {
  await ledger.catchUp();
  const runs = await listRuns(ledger.sql, { document });
  const compensating = runs.find(({ phase }) =>
    ["compensating", "compensated", "compensation-recorded"].includes(phase),
  );
  return compensating?.run ?? null;
}

/** The run that has done with the newest revision whatever was to do: the one in force, or the newest, where that took it back. */
async function finished(
  { ledger, document }: Journey,
  { enacted, revisions }: { readonly enacted: readonly string[]; readonly revisions: readonly unknown[] },
): Promise<string | null> {
  const revision = revisions.length - 1;
  const inForce = enacted.at(-1);
  if (inForce !== undefined && (await ledger.state(runCategory, inForce)).revision === revision) return inForce;
  // Newest first. What was abandoned came to nothing, so the next run is not a second one.
  const [newest] = (await listRuns(ledger.sql, { document })).filter((run) => run.mode === "live");
  return newest?.phase === "reverted" && newest.revision === revision ? newest.run : null;
}
