/** Every attack that is played, in the order of the table. */
import type { Attack } from "./Attack.js";
import { decisionAttacks } from "./attacks/decisions.js";
import { historyAttacks } from "./attacks/history.js";
import { keepingAttacks } from "./attacks/keeping.js";
import { keyAttacks } from "./attacks/keys.js";
import { rowAttacks } from "./attacks/rows.js";
import { softwareAttacks } from "./attacks/software.js";
import { textAttacks } from "./attacks/texts.js";

export const attacks: readonly Attack[] = [...rowAttacks, ...historyAttacks, ...textAttacks, ...softwareAttacks, ...keyAttacks, ...decisionAttacks, ...keepingAttacks];
