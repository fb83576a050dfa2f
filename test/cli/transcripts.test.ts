// The transcripts, carried out. IU_TRANSCRIPTS=write writes what is printed now into those that no longer match, for a person to read and judge.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { projectFile } from "../support/project.js";
import { type Exchange, mismatch, parseTranscript, trimmed } from "./transcript.js";
import { withCli } from "./withCli.js";

const transcripts = suite("cli: transcripts");
const folder = ["test", "cli", "transcripts"];

for (const name of readdirSync(projectFile(...folder)).sort()) {
  transcripts(name.replace(/\.txt$/, "").replaceAll("-", " "), async () => {
    const path = projectFile(...folder, name);
    const text = readFileSync(path, "utf8");
    const exchanges = parseTranscript(text);
    assert.ok(exchanges.length > 0, `${name} holds no command`);
    const said = new Map<Exchange, { exit: number; lines: string[] }>();
    const wrong: string[] = [];
    await withCli(async ({ iu, dir }) => {
      for (const before of beginnings(text)) {
        for (const { words, answers } of before) await iu(words, answers === undefined ? {} : { answers });
      }
      for (const exchange of exchanges) {
        const { answers } = exchange;
        const { exit, all } = await iu(exchange.words, answers === undefined ? {} : { answers });
        const lines = trimmed(all.replaceAll(dir, "DIR").split("\n"));
        said.set(exchange, { exit, lines });
        const difference = mismatch(exchange.expected, lines);
        const where = `${name}:${exchange.line}: iu-ledger ${exchange.words.join(" ")}`;
        if (difference !== undefined) wrong.push(`${where}\n${difference}`);
        if (exit !== exchange.exit) wrong.push(`${where}\nexpected exit ${exchange.exit}, got ${exit}\n${all}`);
      }
    });
    if (wrong.length > 0 && process.env["IU_TRANSCRIPTS"] === "write")
      writeFileSync(path, rewritten(text, exchanges, said));
    else assert.equal(wrong, []);
  });
}

/** What a transcript begins after: a line `(after <name>)` names another one. */
function beginnings(text: string): Exchange[][] {
  const name = /^\(after ([\w-]+)\)$/m.exec(text)?.[1];
  if (name === undefined) return [];
  const before = readFileSync(projectFile(...folder, `${name}.txt`), "utf8");
  return [...beginnings(before), parseTranscript(before)];
}

/** The transcript with the answers as they are now; the words for the reader stay. */
function rewritten(
  text: string,
  exchanges: readonly Exchange[],
  said: ReadonlyMap<Exchange, { exit: number; lines: string[] }>,
): string {
  const out: string[] = [];
  let answering = false;
  for (const [index, line] of text.split("\n").entries()) {
    const exchange = exchanges.find((one) => one.line === index + 1);
    if (exchange !== undefined) {
      const { exit = 0, lines = [] } = said.get(exchange) ?? {};
      if (out.length > 0 && out.at(-1) !== "" && !(out.at(-1) ?? "").startsWith("#")) out.push("");
      out.push(
        line,
        ...(exchange.answers ?? []).map((answer) => `< ${answer}`),
        ...lines.map(softened),
        ...(exit === 0 ? [] : [`[exit ${exit}]`]),
      );
      answering = true;
    } else if (line.startsWith("# ") || line === "#") {
      if (answering) out.push("");
      answering = false;
      out.push(line);
    } else if (!answering) out.push(line);
  }
  return `${out.join("\n").trimEnd()}\n`;
}

/** What follows from the cutter's version, from sources or from sizes is not this transcript's business. */
function softened(line: string): string {
  return line
    .replace(/\b[0-9a-f]{64}\b/g, "[..]")
    .replace(/\b[0-9a-f]{12}…/g, "[..]")
    .replace(/[\d,]+ (assertions|tables)\b/g, "[..] $1")
    .replace(/tables, [\d,]+ rows/, "tables, [..] rows")
    .replace(/^( {5}(?:L\d+|leg B|Verify(?: of the compensation)?)) +[\d,]+ +(\d+)$/, "$1[..]$2")
    .replace(/^([a-z-]+ +PASS) +[\d,]+ {2}/, "$1[..]  ");
}

transcripts.run();
