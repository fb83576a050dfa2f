/**
 * Derives the statement of a report from the ledger's events and nothing else: no clock, no content, no read model. The same ledger at the
 * same size, judged as of the same instant, gives the same bytes for the same signer and checkpoint. Writes nothing.
 */
import { type Matrix, matrixOf } from "../../projections/readiness/matrix.js";
import { nextFrom } from "../../projections/readiness/nextFrom.js";
import { canonicalText } from "../events/canonical.js";
import type { PublicKey } from "../events/fields.js";
import { type Refused, refused } from "../ledger/Decision.js";
import { type Store, StoreError } from "../ledger/Store.js";
import { foldedStates } from "../projecting/foldedStates.js";
import { headAsOf, storeAsOf } from "./asOf.js";
import { attestIntegrity } from "./integrity.js";
import { nonMutationOf } from "./nonMutationOf.js";
import { type GivenCheckpoint, precheckOf } from "./precheck.js";
import { eventsOf, type LedgerRead, readLedger } from "./readLedger.js";
import {
  type Attestation,
  type Predicate,
  predicateType,
  type Statement,
  type Step,
  statement as statementShape,
  statementType,
} from "./Statement.js";
import {
  actOf,
  compensationOf,
  cutReportOf,
  dryRunOf,
  gatesOf,
  planOf,
  sourceOf,
  targetOf,
  versionsOf,
} from "./sections.js";
import { stepsOf } from "./steps.js";
import { lookingFor } from "./Watch.js";
import { wholeVerdict } from "./wholeVerdict.js";

export interface StatementOptions {
  readonly run: string;
  /** Who signs, and the key they sign with: both must be in force as of the size. */
  readonly signer: { readonly principal: string; readonly key: PublicKey };
  /** Of the ledger's first so many events. Default: of all there are. */
  readonly size?: number;
  /** When what lapses by itself is judged: not before the newest event. Default: the time of the newest event. */
  readonly asOf?: string;
  /** The newest signed checkpoint of at most that size, where there is one. */
  readonly checkpoint?: GivenCheckpoint | null;
}

export type StatementOutcome = { readonly kind: "derived"; readonly statement: Statement } | Refused;

/** Derives it, or says why there is nothing to derive. Throws `StoreError` where the ledger cannot be read at all. */
export async function statementOf(store: Store, options: StatementOptions): Promise<StatementOutcome> {
  const { run, signer } = options;
  const newestSize = (await store.head()).size;
  const wanted = options.size ?? newestSize;
  if (wanted < 1 || wanted > newestSize) {
    return refused(
      "SIZE_MISSING",
      `The ledger has ${newestSize} events; a report of the first ${wanted} cannot be made.`,
      { size: newestSize, wanted },
      "Give a size from 1 up to that.",
    );
  }
  const head = await headAsOf(store, wanted);
  const past = storeAsOf(store, head);
  const checkpoint = options.checkpoint ?? null;
  const read = await readLedger(past, run, checkpoint?.size ?? null);
  const refusal = refusalOf(read, options, head.size);
  if (refusal !== null) return refusal;
  const opened = eventsOf(read, "RunOpened")[0];
  if (opened === undefined || read.ledger === null) throw new Error("what was refused cannot be reported");
  const asOf = options.asOf ?? read.newest;
  const folded = await foldMatrix(past, head.size, run, asOf);
  const cut = cutReportOf(read);
  const watched = [...read.attestations, folded.attestation, ...(await attestIntegrity(past))];
  const steps = stepsOf({ read, attestations: watched, cut, asOf });
  const parts = {
    steps,
    attestations: watched.map((one) => ({ ...one, mandatory: one.mandatory || isAsked(one, steps) })),
    nonMutation: nonMutationOf(read, true),
    precheck: precheckOf(read, checkpoint),
  };
  const principal = read.past.principals.get(signer.principal);
  const { matrix } = folded;
  const { data } = opened.event;
  const hold = read.past.run.held;
  const predicate: Predicate = {
    schema: 1,
    ledger: { ...read.ledger, size: head.size, root: head.root, newest: read.newest },
    asOf,
    signer: {
      principal: signer.principal,
      kind: principal?.kind ?? "service",
      responsible: principal?.responsible ?? "",
      key: signer.key,
    },
    run: {
      run,
      document: data.document,
      revision: data.revision,
      content: data.content,
      mode: data.mode,
      phase: matrix?.phase ?? "cannot be told",
      opened: actOf(opened),
      events: read.runEvents,
      hold: hold === null ? null : { position: hold.position, ...withoutRun(hold.data) },
    },
    verdict: wholeVerdict(parts),
    ...parts,
    source: sourceOf(read),
    target: targetOf(read),
    plan: planOf(read),
    dryRun: dryRunOf(read),
    gates: gatesOf(read, eventsOf(read, "GateRequested")),
    cut,
    records: [...read.records],
    versions: versionsOf(read),
    compensation: compensationOf(read),
    matrix: matrix === null ? null : { step: matrix.step, blockers: [...matrix.blockers] },
    next:
      matrix === null
        ? "See what was changed: iu-ledger replay"
        : nextFrom({ step: matrix.step, blockers: matrix.blockers }, run),
    beyond: [...beyond],
  };
  return {
    kind: "derived",
    statement: settled({
      _type: statementType,
      subject: [
        { name: `${read.ledger.origin}#${head.size}`, digest: { rfc6962Sha256: head.root } },
        { name: `run-${run}`, digest: { sha256: read.runDigest } },
      ],
      predicateType,
      predicate,
    }),
  };
}

/** The statement as whoever opens its canonical bytes finds it: members in their order, so that it renders to the same documents here and there. */
function settled(derived: Statement): Statement {
  return statementShape.parse(JSON.parse(canonicalText(derived)));
}

/** What a report of events alone cannot say, and what does. */
const beyond = [
  "The governed text was not read: whether content and plans are what was committed to, whether every command is decided so again and whether every writer writes so again is told by: iu-ledger replay",
  "The database was not looked at: whether its tables, triggers and read models are what the events give is told by: iu-ledger replay",
  "A tail cut off together with the stored head cannot be noticed from the ledger alone: compare size and root with a checkpoint or a head kept elsewhere.",
  "Who holds a private key no ledger can tell; it tells who registered and rotated it.",
];

function withoutRun<T extends { readonly run: string }>({ run: _, ...data }: T): Omit<T, "run"> {
  return data;
}

function refusalOf(read: LedgerRead, { run, signer, asOf, size }: StatementOptions, at: number): Refused | null {
  if (read.ledger === null)
    return refused(
      "LEDGER_NOT_OPEN",
      "This ledger has no first event that can be read.",
      { size: at },
      "iu-ledger replay",
    );
  if (eventsOf(read, "RunOpened").length === 0) {
    return refused(
      "RUN_UNKNOWN",
      `There is no run ${run}${size === undefined ? "" : ` among the first ${at} events`}.`,
      { run, size: at },
      "iu-ledger run list",
    );
  }
  if (asOf !== undefined && asOf < read.newest) {
    return refused(
      "INSTANT_TOO_EARLY",
      `The newest event is of ${read.newest}; it cannot be judged as of ${asOf}.`,
      { asOf, newest: read.newest },
      "Give that instant or a later one, or a smaller size.",
    );
  }
  const owner = read.past.keys.get(signer.key.keyid);
  if (owner?.principal !== signer.principal || owner.key.public !== signer.key.public || !owner.inForce) {
    return refused(
      "KEY_UNKNOWN",
      `${signer.key.keyid} is not a key in force of ${signer.principal} on this ledger.`,
      { principal: signer.principal, keyid: signer.key.keyid },
      "Sign with a key in force; 'iu-ledger principal list' shows them.",
    );
  }
  return null;
}

/** Whether the step that an attestation guards is one the run must have passed. */
function isAsked({ id }: Attestation, steps: readonly Step[]): boolean {
  const step = guards[id];
  return step !== undefined && steps.some((one) => one.id === step && one.mandatory);
}

const guards: Readonly<Record<string, string>> = {
  "ruled-by-humans": "SG_1",
  "own-request": "SG_1",
  "cut-under-approval": "cut",
  "cut-while-armed": "cut",
  "cut-with-backup": "backup",
  "cut-with-clean-audit": "grant-audit",
  "ratified-writers": "leg-b",
  "independent-verify": "verify",
  "enacted-under-approval": "enacted",
  "compensated-under-plan": "compensated",
};

/** The blocker matrix as the decisions themselves would judge it; and whether the run can be folded at all. */
async function foldMatrix(
  store: Store,
  size: number,
  run: string,
  asOf: string,
): Promise<{ readonly matrix: Matrix | null; readonly attestation: Attestation }> {
  const { looking, result } = lookingFor({
    id: "foldable",
    says: "No event of the run contradicts those before it.",
    scope: "run",
    of: ["fold of the run", "folds of the run"],
    by: "the run, its document and all else its next step hangs on, folded as the decisions fold them",
  });
  looking.look();
  let matrix: Matrix | null = null;
  try {
    matrix = await foldedStates(store, size).ask(asOf, (world) => matrixOf(run, world));
  } catch (error) {
    // A store that cannot be reached is no finding about what it holds.
    if (error instanceof StoreError && error.code !== "CORRUPT" && error.code !== "NEWER_LEDGER") throw error;
    const at = error instanceof StoreError ? (error.position ?? null) : null;
    looking.violate(at, error instanceof Error ? error.message : String(error));
  }
  return { matrix, attestation: { ...result(), mandatory: true } };
}
