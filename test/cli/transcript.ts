/**
 * Transcripts: command-line sessions as readable text, that a newcomer learns from and the tests carry out.
 *
 *     # Words for the reader.
 *     $ iu-ledger gate rule 7d1c SG_1
 *     < approve                        what the person types, in order
 *     … what is printed, stdout and stderr as they come …
 *     [exit 1]                         where it is not 0
 *
 * A line `(after NAME)` says that all of another transcript has been typed before.
 * In what is printed `[..]` stands for anything on a line, and a line `[...]` for any lines. Digests that follow from the cutter or
 * from the writers' sources are written so, and so is what may grow, like a count of assertions.
 */

export interface Exchange {
  readonly line: number;
  readonly words: readonly string[];
  readonly answers: readonly string[] | undefined;
  readonly expected: readonly string[];
  readonly exit: number;
}

export function parseTranscript(text: string): Exchange[] {
  const exchanges: { line: number; words: string[]; answers: string[]; expected: string[]; exit: number }[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const current = exchanges.at(-1);
    const exit = /^\[exit (\d+)\]$/.exec(line)?.[1];
    if (line.startsWith("$ iu-ledger")) {
      exchanges.push({
        line: index + 1,
        words: wordsOf(line.slice("$ iu-ledger".length)),
        answers: [],
        expected: [],
        exit: 0,
      });
      continue;
    }
    if (line.startsWith("# ") || line === "#" || line.startsWith("(after ") || current === undefined) continue;
    if (line.startsWith("< ") && current.expected.length === 0) current.answers.push(line.slice(2));
    else if (exit !== undefined) current.exit = Number(exit);
    else current.expected.push(line);
  }
  return exchanges.map(({ answers, expected, ...rest }) => ({
    ...rest,
    answers: answers.length === 0 ? undefined : answers,
    expected: trimmed(expected),
  }));
}

/** Words as a shell splits them: by spaces, with single or double quotes. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"),
  );
}

/** Where the lines differ, as a message; undefined where they match. */
export function mismatch(expected: readonly string[], actual: readonly string[]): string | undefined {
  let at = 0;
  for (let index = 0; index < expected.length; index += 1) {
    const line = expected[index] ?? "";
    if (line === "[...]") {
      const rest = expected.slice(index + 1);
      for (let skip = at; skip <= actual.length; skip += 1) {
        if (mismatch(rest, actual.slice(skip)) === undefined) return undefined;
      }
      return `after line ${at} nothing matches ${JSON.stringify(rest[0] ?? "the end")}`;
    }
    if (actual[at] === undefined || !matches(line, actual[at] ?? "")) {
      return `expected ${JSON.stringify(line)}\n     got ${JSON.stringify(actual[at] ?? "nothing more")}`;
    }
    at += 1;
  }
  return at === actual.length ? undefined : `expected nothing more\n     got ${JSON.stringify(actual[at])}`;
}

function matches(expected: string, actual: string): boolean {
  if (!expected.includes("[..]")) return expected === actual;
  const pattern = expected.split("[..]").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${pattern.join(".*")}$`, "su").test(actual);
}

/** Without empty lines at the end: those stand between two commands. */
export function trimmed(lines: readonly string[]): string[] {
  return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
}
