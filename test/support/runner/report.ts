// What the runner says: a line per file while it works, then each failure, each skip with its reason, and the count.
// The count must be the very last line, alone and always in the same words: machines read it.
import type { Failure, FileResult, Skip } from "./runChild.js";

/** E.g. `  ok    test/tlog/proof.test.ts  12 passed, 1 skipped  0.3 s`. */
export function fileLine({ file, passed, failures, skips, ms }: FileResult): string {
  const counts = [`${passed} passed`];
  if (failures.length > 0) counts.push(`${failures.length} failed`);
  if (skips.length > 0) counts.push(`${skips.length} skipped`);
  return `  ${failures.length > 0 ? "FAIL" : "ok  "}  ${file}  ${counts.join(", ")}  ${(ms / 1000).toFixed(1)} s\n`;
}

/** Everything after the files: failures, what the failing files printed, skips, and the closing line. */
export function summary(results: FileResult[]): string {
  const failures = results.flatMap((result) => result.failures);
  const skips = results.flatMap((result) => result.skips);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const parts: string[] = [];
  for (const result of results.filter((each) => each.failures.length > 0)) {
    parts.push(...result.failures.map(failureText));
    if (result.output.trim() !== "") parts.push(`${result.file} printed:\n${indent(result.output.trimEnd())}\n`);
  }
  if (skips.length > 0) parts.push(`Skipped:\n${skipLines(skips).join("\n")}\n`);
  parts.push(`${passed} passed, ${failures.length} failed, ${skips.length} skipped\n`);
  return `\n${parts.join("\n")}`;
}

function failureText({ file, suite, test, thrown }: Failure): string {
  const name = [file, suite, test].filter((part) => part !== undefined && part !== "").join(" › ");
  const body = [thrown.message, thrown.details, thrown.stack].filter((part) => part !== undefined && part !== "");
  return `FAIL  ${name}\n${indent(body.map((part) => part?.trimEnd()).join("\n"))}\n`;
}

/** Tests of one file that are skipped for one reason share a line. */
function skipLines(skips: Skip[]): string[] {
  const groups = new Map<string, Skip[]>();
  for (const skip of skips) {
    const key = `${skip.file}\0${skip.reason}`;
    groups.set(key, [...(groups.get(key) ?? []), skip]);
  }
  return [...groups.values()].map((group) => {
    const names = group.map(({ suite, test }) => (suite === "" ? test : `${suite} › ${test}`)).join("; ");
    return `  ${group[0]?.file}: ${group[0]?.reason}\n      ${names}`;
  });
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "    ");
}
