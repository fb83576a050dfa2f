/**
 * Whether somebody's words are one SELECT. The server has the last word (it is sent as one statement, inside another SELECT, in a READ ONLY
 * transaction); this says in plain words, before anything is sent, what is wrong. It reads SQL only as far as quotes, comments and brackets go
 * (postgresql.org/docs/17/sql-syntax-lexical.html), so that a semicolon inside a string is no end.
 */
import { SourceError } from "./SourceError.js";

const next =
  "Give one SELECT of the columns id, title and body, like: SELECT no AS id, name AS title, text AS body FROM law";

/** What may stand between two tokens, and the tokens in which anything may stand. */
const space = /\s+/y;
const lineComment = /--[^\r\n]*/y;
const escaped = /[eE]'(?:[^'\\]|\\[\s\S]|'')*'/y;
const string = /'(?:[^']|'')*'/y;
const identifier = /"(?:[^"]|"")*"/y;
const dollar = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;

/** The query without a last semicolon. Throws {@link SourceError}, malformed, where it is not one SELECT. */
export function oneSelect(query: string): string {
  let first: string | undefined;
  let open = 0;
  let end: number | undefined;
  for (let at = 0; at < query.length; ) {
    const over = skipped(query, at);
    if (over !== undefined) {
      at = over;
      continue;
    }
    if (end !== undefined)
      throw not(
        "QUERY_SEVERAL",
        `There is more than one statement: something stands behind the semicolon at character ${end}.`,
      );
    const token = tokenAt(query, at);
    if (token === undefined) throw not("QUERY_UNFINISHED", `The quote at character ${at} is never closed.`);
    if (token === ";") end = at;
    else if (token === "(") open += 1;
    else if (token === ")") open -= 1;
    else first ??= token.toLowerCase();
    if (open < 0) throw not("QUERY_UNFINISHED", `The bracket at character ${at} closes nothing.`);
    at += token.length;
  }
  if (first === undefined) throw not("QUERY_EMPTY", "The query is empty.");
  if (open > 0) throw not("QUERY_UNFINISHED", `${open} brackets are never closed.`);
  if (!["select", "with", "values", "table"].includes(first))
    throw not("QUERY_NOT_SELECT", `A query that begins with ${first.toUpperCase()} is no SELECT.`);
  return query.slice(0, end);
}

/** Where white space or a comment at `at` ends; undefined where there is none. */
function skipped(query: string, at: number): number | undefined {
  const plain = match(space, query, at) ?? match(lineComment, query, at);
  if (plain !== undefined) return at + plain.length;
  if (!query.startsWith("/*", at)) return undefined;
  // Comments nest in Postgres.
  const marks = /\/\*|\*\//g;
  marks.lastIndex = at;
  let depth = 0;
  for (let mark = marks.exec(query); mark !== null; mark = marks.exec(query)) {
    depth += mark[0] === "/*" ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  throw not("QUERY_UNFINISHED", `The comment at character ${at} is never closed.`);
}

/** The token at `at`: a quoted text, a word, or one character. Undefined: a quote without an end. */
function tokenAt(query: string, at: number): string | undefined {
  const tag = match(dollar, query, at);
  if (tag !== undefined) {
    const close = query.indexOf(tag, at + tag.length);
    return close < 0 ? undefined : query.slice(at, close + tag.length);
  }
  const quoted = match(escaped, query, at) ?? match(string, query, at) ?? match(identifier, query, at);
  if (quoted !== undefined) return quoted;
  if (query[at] === "'" || query[at] === '"') return undefined;
  return match(word, query, at) ?? query.charAt(at);
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function not(code: string, message: string): SourceError {
  return new SourceError("malformed", code, message, next);
}
