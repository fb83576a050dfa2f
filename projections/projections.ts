/**
 * All projections, in the order their statements run: one that reads another's rows (said in its head comment) stands after it.
 */
import { documentProjection } from "./document/project.js";
import { executionSwitchProjection } from "./execution_switch/project.js";
import { gateProjection } from "./gate/project.js";
import { lifecycleProjection } from "./lifecycle/project.js";
import { merkleLogProjection } from "./merkle_log/project.js";
import type { Projection } from "./Projection.js";
import { policyProjection } from "./policy/project.js";
import { principalProjection } from "./principal/project.js";
import { readinessProjection } from "./readiness/project.js";
import { redactionProjection } from "./redaction/project.js";
import { refusalProjection } from "./refusal/project.js";
import { revertPlanProjection } from "./revert_plan/project.js";
import { runLiveStateProjection } from "./run_live_state/project.js";
import { unitProjection } from "./unit/project.js";
import { unitVersionProjection } from "./unit_version/project.js";
import { writerProjection } from "./writer/project.js";

/**
 * Goes up by one whenever the same events would give other rows: another column, another rule, another wording of a precondition.
 * Tables of an older format are dropped and filled again. `test/projecting/format.test.ts` notices when it was forgotten.
 */
export const projectionsFormat = 1;

export const projections: readonly Projection[] = [
  documentProjection,
  principalProjection,
  policyProjection,
  writerProjection,
  executionSwitchProjection,
  refusalProjection,
  redactionProjection,
  runLiveStateProjection,
  gateProjection,
  unitVersionProjection,
  lifecycleProjection,
  unitProjection,
  revertPlanProjection,
  readinessProjection,
  merkleLogProjection,
];
