/**
 * Findings: one per oddity, with an id that is the same wherever the same bytes are planned. Messages name labels and addresses,
 * never other words of the document.
 */
import { createHash } from "node:crypto";
import type { Finding } from "./Plan.js";

export interface Findings {
  add(finding: { rule: string; address: string | null; detail: string; message: string; blocking: boolean }): void;
  list(): Finding[];
}

/** Collects findings in the order in which they are met; the n-th of one id hashes its n, so that ids stay unique. */
export function collectFindings(): Findings {
  const findings: Finding[] = [];
  const seen = new Map<string, number>();
  return {
    add({ rule, address, detail, message, blocking }) {
      const key = `${rule}\n${address ?? ""}\n${detail}`;
      const nth = seen.get(key) ?? 0;
      seen.set(key, nth + 1);
      const id = createHash("sha256")
        .update(nth === 0 ? key : `${key}\n${nth}`, "utf8")
        .digest("hex")
        .slice(0, 16);
      findings.push({ id, rule, address, message, blocking });
    },
    list: () => findings,
  };
}
