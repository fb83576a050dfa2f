/**
 * What can be asked of an open ledger, for the library: every query first brings the projections up to the newest event, so that whoever
 * has just written reads what they wrote. The shapes are those of the `queries.ts` beside each read model.
 */
import { listDocuments, showDocument } from "../projections/document/queries.js";
import { listSwitch } from "../projections/execution_switch/queries.js";
import { type GateFilter, listGates } from "../projections/gate/queries.js";
import { lifecycleOfUnit, lifecycleOfVersion } from "../projections/lifecycle/queries.js";
import { listPrincipals } from "../projections/principal/queries.js";
import { listReadiness } from "../projections/readiness/queries.js";
import { listRedactions, type RedactionFilter } from "../projections/redaction/queries.js";
import { listRefusals, type RefusalFilter } from "../projections/refusal/queries.js";
import { listRevertActions, listRevertPlans } from "../projections/revert_plan/queries.js";
import { listRuns, type RunFilter, showRun } from "../projections/run_live_state/queries.js";
import { showUnit } from "../projections/unit/queries.js";
import {
  listRepeals,
  listUnits,
  listUnitTexts,
  type UnitFilter,
  unitAt,
  unitDiff,
  unitHistory,
} from "../projections/unit_version/queries.js";
import { listWriters } from "../projections/writer/queries.js";
import type { Sql } from "./database/Sql.js";
import type { Content, Store } from "./ledger/Store.js";
import { type EventFilter, newestEvents, readEvents } from "./projecting/readEvents.js";

export interface QuerySource {
  readonly store: Store;
  readonly sql: Sql;
  readonly content: (commitment: string) => Promise<Content | undefined>;
  readonly now: () => string;
  readonly catchUp: () => Promise<void>;
}

export type Queries = ReturnType<typeof queriesOf>;

/** The queries over one ledger. Ids may be given by any unique prefix; a `Found` says when one fits nothing or several. */
export function queriesOf({ store, sql, content, now, catchUp }: QuerySource) {
  async function fresh<T>(read: () => Promise<T>): Promise<T> {
    await catchUp();
    return read();
  }
  return {
    /** What happened, in order of position; straight from the ledger. */
    events: (filter: EventFilter = {}, range: { readonly from?: number; readonly limit?: number } = {}) =>
      readEvents(store, filter, range),
    newestEvents: (limit: number, filter: EventFilter = {}) => newestEvents(store, limit, filter),
    documents: () => fresh(() => listDocuments(sql)),
    document: (id: string) => fresh(() => showDocument(sql, id)),
    runs: (filter: RunFilter = {}) => fresh(() => listRuns(sql, filter)),
    run: (id: string) => fresh(() => showRun(sql, id)),
    /** The blocker matrix: for the next step of each open run (or of one) what is CLOSED, PARTIAL or OPEN, as of now. */
    readiness: (run?: string) => fresh(() => listReadiness(sql, now(), run)),
    gates: (filter: GateFilter = {}) => fresh(() => listGates(sql, now(), filter)),
    /** Unit versions; with `lifecycle: "enacted"` what is in force. */
    units: (filter: UnitFilter = {}) => fresh(() => listUnits(sql, filter)),
    /** The same with their text; null where it was erased. */
    texts: (filter: UnitFilter = {}) => fresh(() => listUnitTexts(sql, content, filter)),
    unit: (id: string) => fresh(() => showUnit(sql, content, id)),
    unitHistory: (id: string) => fresh(() => unitHistory(sql, content, id)),
    unitDiff: (id: string, runs: { readonly from?: string; readonly to?: string } = {}) =>
      fresh(() => unitDiff(sql, content, id, runs)),
    /** The unit version a run cut at an address, with its text; null where there is none. */
    unitAt: (run: string, address: string) => fresh(() => unitAt(sql, content, run, address)),
    /** The units in force that a run's revision no longer has. */
    repeals: (run: string) => fresh(() => listRepeals(sql, run)),
    /** What one unit version, the `index`th of a run, has been. */
    versionLifecycle: (run: string, index: number) => fresh(() => lifecycleOfVersion(sql, run, index)),
    lifecycle: (unit: string) => fresh(() => lifecycleOfUnit(sql, unit)),
    revertPlans: (run: string) => fresh(() => listRevertPlans(sql, run)),
    revertActions: (run: string, position: number) => fresh(() => listRevertActions(sql, run, position)),
    principals: () => fresh(() => listPrincipals(sql)),
    writers: () => fresh(() => listWriters(sql)),
    executionSwitch: () => fresh(() => listSwitch(sql, now())),
    redactions: (filter: RedactionFilter = {}) => fresh(() => listRedactions(sql, now(), filter)),
    refusals: (filter: RefusalFilter = {}) => fresh(() => listRefusals(sql, filter)),
  };
}
