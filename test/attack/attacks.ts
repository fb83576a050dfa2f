/** Every attack that is played, in the order of the table; first of all the one that is none. */
import type { Attack } from "./Attack.js";
import { control } from "./attacks/control.js";
import { decisionAttacks } from "./attacks/decisions.js";
import { historyAttacks } from "./attacks/history.js";
import { keepingAttacks } from "./attacks/keeping.js";
import { keyAttacks } from "./attacks/keys.js";
import { rowAttacks } from "./attacks/rows.js";
import { softwareAttacks } from "./attacks/software.js";
import { textAttacks } from "./attacks/texts.js";
import { witnessAttacks } from "./attacks/witnesses.js";

export const attacks: readonly Attack[] = [
  control,
  ...rowAttacks,
  ...historyAttacks,
  ...witnessAttacks,
  ...textAttacks,
  ...softwareAttacks,
  ...keyAttacks,
  ...decisionAttacks,
  ...keepingAttacks,
];
