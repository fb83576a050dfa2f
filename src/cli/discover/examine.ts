/**
 * Puts a document of a source beside what the ledger has of it: new, changed, the same, or blocked, with every finding, and whether it is a safe
 * target. Writes nothing; of each document that went by it keeps two short digests.
 */
import { createHash } from "node:crypto";
import { assessTarget } from "../../../commands/run/target.js";
import type { DocumentOrigin } from "../../../projections/document/queries.js";
import type { DocumentSource, Finding, Found } from "../../discover/Found.js";
import { fileTitle } from "../../discover/fileTitle.js";
import { blocking, remark, titleFindings } from "../../discover/judge.js";
import { planOnce } from "../../documents/once.js";
import type { Store } from "../../ledger/Store.js";
import { foldedStates, readContent } from "../../projecting/foldedStates.js";
import { malformedStop } from "../output/Problem.js";
import type { Candidate, PlanCounts, Target } from "./Candidate.js";
import type { Known } from "./known.js";

export interface ExamineOptions {
  /** Cut every text, not only those that have changed. */
  readonly plan: boolean;
  /** Codes of findings that somebody accepts. */
  readonly accept: readonly string[];
  readonly now: () => string;
}

/** What may be accepted: the document is whole, only not as one would wish. */
const acceptable = ["TITLE_MISSING", "BODY_DUPLICATE"];

/** Throws a {@link Stop} where a code is named that cannot be accepted. */
export function assertAcceptable(codes: readonly string[]): void {
  const code = codes.find((one) => !acceptable.includes(one));
  if (code === undefined) return;
  const next = `Accept ${acceptable.join(" or ")}; anything else is mended in the source.`;
  throw malformedStop("NOT_ACCEPTABLE", `${code} cannot be accepted.`, next, { code });
}

/** Examines the documents of a source one after another, in its order. */
export function examiner(
  source: DocumentSource,
  known: Known,
  store: Store,
  { plan, accept, now }: ExamineOptions,
): (found: Found) => Promise<Candidate> {
  const states = foldedStates(store, Number.POSITIVE_INFINITY);
  const earlier = { bodies: new Map<string, string>(), titles: new Map<string, string>() };

  async function assess(bytes: Uint8Array, first: DocumentOrigin | null, changed: boolean): Promise<Target> {
    const newest = first === null ? 0 : first.revision + (changed ? 1 : 0);
    const target = { content: bytes, revision: newest, newest, inForce: first?.inForceRun ?? null };
    const assessment = await states.ask(now(), (world) => assessTarget(target, world));
    return withOpenRun(assessment, first?.openRun ?? null);
  }

  return async (found) => {
    const { bytes, key } = found;
    const id = found.id ?? `${source.noun} ${found.number}`;
    const origins = key === null ? [] : known.find(key);
    const [first = null] = origins;
    const whole = bytes !== null && !found.findings.some((one) => one.blocks && !acceptable.includes(one.code));
    const state = first === null ? "new" : whole ? await compared(store, first, bytes) : "changed";
    const title = first?.title ?? titleOf(found, whole);
    const findings = [
      ...found.findings,
      ...(origins.length > 1 ? [ambiguous(origins)] : []),
      ...(first === null ? titlesOf(title, found.title === null, id, earlier.titles) : retitled(found, first)),
      ...(whole ? twins(bytes, id, earlier.bodies, state) : []),
      ...(state === "unknown" ? [erased()] : []),
      ...(state === "changed" && first?.openRun != null ? [running(first.openRun)] : []),
      // A title is for registering: what is registered keeps its own.
    ].map((one) =>
      accept.includes(one.code) || (first !== null && one.code.startsWith("TITLE_")) ? { ...one, blocks: false } : one,
    );
    const status = state === "unknown" || findings.some((one) => one.blocks) ? "blocked" : state;
    const look = whole && (plan || state === "changed") ? bytes : null;
    return {
      found,
      status,
      title,
      findings,
      known: first,
      plan: look === null ? null : countsOf(look),
      target: look === null ? null : await assess(look, first, state === "changed"),
    };
  };
}

/** The title of what is new: the row's, or the one found in a file. Where a row has none, none is made up. */
function titleOf({ title, key, bytes, findings }: Found, whole: boolean): string | null {
  if (title !== null || key === null || bytes === null || !whole) return title;
  return findings.some(({ code }) => code === "TITLE_MISSING") ? null : fileTitle(bytes, key);
}

/** What is to be said of the title of something new. `made`: it was found in the text, so that nobody has judged it. */
function titlesOf(title: string | null, made: boolean, id: string, titles: Map<string, string>): Finding[] {
  if (title === null) return [];
  const wrong = titleFindings(title);
  if (wrong.length > 0) return made ? wrong : [];
  const other = before(titles, title.normalize("NFC").toLowerCase(), id);
  return other === undefined ? [] : [remark("TITLE_DUPLICATE", `Its title is also that of ${other}.`)];
}

function retitled({ title }: Found, known: DocumentOrigin): Finding[] {
  if (title === null || title === known.title) return [];
  return [remark("TITLE_CHANGED", "Its title is another one now; the ledger keeps the one it was registered with.")];
}

/** What is the same on the ledger already is no news, though it went by twice. */
function twins(bytes: Uint8Array, id: string, bodies: Map<string, string>, state: string): Finding[] {
  const other = before(bodies, bytes, id);
  if (other === undefined || state === "same") return [];
  return [blocking("BODY_DUPLICATE", `Its text is byte for byte that of ${other}.`)];
}

/** The first that had the same, if one went by. */
function before(of: Map<string, string>, what: string | Uint8Array, id: string): string | undefined {
  const digest = createHash("sha256").update(what).digest("base64").slice(0, 22);
  const other = of.get(digest);
  if (other === undefined) of.set(digest, id);
  return other;
}

function ambiguous(origins: readonly DocumentOrigin[]): Finding {
  const documents = origins.map(({ document }) => document).join(", ");
  return blocking("SOURCE_AMBIGUOUS", `${origins.length} documents on the ledger come from here: ${documents}.`);
}

function erased(): Finding {
  return blocking("CONTENT_MISSING", "The ledger has no text of this document any more to compare it with.");
}

function running(run: string): Finding {
  return blocking("RUN_OPEN", `Run ${run} is open on it; a revision has to wait.`, { run });
}

async function compared(
  store: Store,
  known: DocumentOrigin,
  bytes: Uint8Array,
): Promise<"same" | "changed" | "unknown"> {
  if (known.length !== bytes.length) return "changed";
  const content = await readContent(store, known.content);
  if (content === undefined) return "unknown";
  return Buffer.compare(content.bytes, bytes) === 0 ? "same" : "changed";
}

function countsOf(bytes: Uint8Array): PlanCounts | null {
  const outcome = planOnce(bytes);
  if (!outcome.ok) return null;
  const { grammar, profile, units, findings } = outcome.plan;
  const blockers = findings.filter((one) => one.blocking).length;
  return { grammar, profile, units: units.length, findings: findings.length, blocking: blockers };
}

/** A run that is open stands in the way of the next one, which a run's own assessment cannot say. */
function withOpenRun({ verdict, reasons }: Target, run: string | null): Target {
  if (run === null)
    return { verdict, reasons: [{ code: "OPEN_RUN", verdict: "safe", message: "No run is open on it." }, ...reasons] };
  const taken = { code: "OPEN_RUN", verdict: "unsafe", message: `Run ${run} is open on it.` } as const;
  return { verdict: "unsafe", reasons: [taken, ...reasons] };
}
