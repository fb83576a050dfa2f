/**
 * What changed between two texts, word by word. First by lines, then by words inside what changed, so that long texts stay quick; texts with
 * little in common come out as one replacement. Pure. The algorithm is Myers' greedy one (An O(ND) Difference Algorithm, 1986).
 */

export interface Part {
  readonly kind: "same" | "removed" | "added";
  readonly text: string;
}

/** Edits beyond this are not looked for: the texts have little in common. Bounds time and memory. */
const editsMax = 1500;

/** Joining the parts without the added ones gives `before`, without the removed ones `after`; neighbours differ in kind. */
export function wordDiff(before: string, after: string): Part[] {
  const byLine = diff(before.match(/[^\n]*\n|[^\n]+$/g) ?? [], after.match(/[^\n]*\n|[^\n]+$/g) ?? []);
  const parts: Part[] = [];
  for (let at = 0; at < byLine.length; at += 1) {
    const part = byLine[at] as Part;
    const next = byLine[at + 1];
    if (part.kind === "removed" && next?.kind === "added") {
      parts.push(...diff(wordsOf(part.text), wordsOf(next.text)));
      at += 1;
    } else parts.push(part);
  }
  return merged(joinedAcrossSpace(merged(parts)));
}

/** Words, numbers, single ideographs, white space, everything else by the character. */
function wordsOf(text: string): string[] {
  return text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}\p{M}]+|\s+|./gsu) ?? [];
}

function diff(before: readonly string[], after: readonly string[]): Part[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end))
    end += 1;
  const middle = middleOf(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return merged([
    { kind: "same", text: before.slice(0, start).join("") },
    ...middle,
    { kind: "same", text: before.slice(before.length - end).join("") },
  ]);
}

/** Myers: the furthest points reached on each diagonal, edit by edit; then the way back through them. */
function middleOf(before: readonly string[], after: readonly string[]): Part[] {
  const all: Part[] = [
    { kind: "removed", text: before.join("") },
    { kind: "added", text: after.join("") },
  ];
  if (before.length === 0 || after.length === 0) return all;
  const trace: Map<number, number>[] = [];
  let furthest = new Map<number, number>([[1, 0]]);
  for (let edits = 0; edits <= editsMax; edits += 1) {
    trace.push(furthest);
    const reached = new Map(furthest);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = stepsDown(furthest, diagonal, edits)
        ? (furthest.get(diagonal + 1) ?? 0)
        : (furthest.get(diagonal - 1) ?? 0) + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x += 1;
      reached.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return wayBack(trace, before, after);
    }
    furthest = reached;
  }
  return all;
}

function stepsDown(furthest: ReadonlyMap<number, number>, diagonal: number, edits: number): boolean {
  return (
    diagonal === -edits || (diagonal !== edits && (furthest.get(diagonal - 1) ?? 0) < (furthest.get(diagonal + 1) ?? 0))
  );
}

function wayBack(
  trace: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
): Part[] {
  const parts: Part[] = [];
  let x = before.length;
  let y = after.length;
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const furthest = trace[edits] as ReadonlyMap<number, number>;
    const diagonal = x - y;
    const from = stepsDown(furthest, diagonal, edits) ? diagonal + 1 : diagonal - 1;
    const fromX = furthest.get(from) ?? 0;
    const fromY = fromX - from;
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      parts.push({ kind: "same", text: before[--x] ?? "" });
      y -= 1;
    }
    if (edits === 0) break;
    if (x === fromX) parts.push({ kind: "added", text: after[--y] ?? "" });
    else parts.push({ kind: "removed", text: before[--x] ?? "" });
  }
  return parts.reverse();
}

/** Neighbours of one kind become one; in a change what was removed stands before what was added. */
function merged(parts: readonly Part[]): Part[] {
  const out: Part[] = [];
  let removed = "";
  let added = "";
  const flush = () => {
    if (removed !== "") out.push({ kind: "removed", text: removed });
    if (added !== "") out.push({ kind: "added", text: added });
    removed = "";
    added = "";
  };
  for (const { kind, text } of parts) {
    if (text === "") continue;
    if (kind === "removed") removed += text;
    else if (kind === "added") added += text;
    else {
      flush();
      const last = out.at(-1);
      if (last?.kind === "same") out[out.length - 1] = { kind: "same", text: last.text + text };
      else out.push({ kind: "same", text });
    }
  }
  flush();
  return out;
}

/** Two changed words with nothing but a space between them read better as one change. */
function joinedAcrossSpace(parts: readonly Part[]): Part[] {
  return parts.flatMap((part, at): Part[] => {
    const inside = part.kind === "same" && /^[^\S\n]+$/.test(part.text) && at > 0 && at < parts.length - 1;
    return inside
      ? [
          { kind: "removed", text: part.text },
          { kind: "added", text: part.text },
        ]
      : [part];
  });
}
