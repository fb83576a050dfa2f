/**
 * From the units in force to the units of a new plan: which is which. Exact matches are filled in and closed; everything by
 * similarity, and everything that appears or disappears, is a proposal and stays open until a human resolves it.
 *
 * What is compared is a unit's **own text**: its span without its children's spans, without white space around the pieces. A chapter
 * with one amended article is itself unchanged, although its `raw` digest covers the article and differs. Its **body** is the own
 * text behind the printed label: equal bodies under another number are a `relabel` (same parent) or a `move` (another parent).
 *
 *   unchanged  same address, same own text           closed    amend   same unit, other words             open
 *   layout     same address, same own norm text      closed    split   one old unit in several new ones   open
 *   relabel    same body, other number, or under     closed*   merge   several old units in one new one   open
 *              a parent that was relabelled                    insert  nothing old is like it             open
 *   move       same body, under another parent       closed*   repeal  nothing new is like it             open
 *   * open where several units have that body: then only a human can tell them apart.
 */
import { createHash } from "node:crypto";
import { normText } from "./normDigest.js";
import type { Plan } from "./Plan.js";
import { candidatesFor, containment, type Shingles, shinglesOf, similarity } from "./similarity.js";
import { unitId } from "./unitId.js";
import { trimEnd, trimStart } from "./whiteSpace.js";

export type TransitionClass =
  | "unchanged"
  | "layout"
  | "relabel"
  | "move"
  | "amend"
  | "split"
  | "merge"
  | "insert"
  | "repeal";

/** One row per unit of the new plan, in its order, then one per old unit that would end, in the old order. */
export interface TransitionRow {
  class: TransitionClass;
  /** Open rows block SG_2 until resolved. */
  open: boolean;
  /** The old units this one comes from; one, except for insert (none) and merge (several). */
  from: { unit: string; address: string }[];
  /** The new address; null for repeal. */
  to: string | null;
  /** The unit id the new address carries: kept or newly minted, provisional while open. Null for repeal. */
  unit: string | null;
  /** 0 to 1000; 1000 = equal but for layout and label. */
  similarity: number;
}

/** An old unit in document order: its span's bytes, and the address they stood at. */
export interface OldUnit {
  unit: string;
  address: string;
  kind: string;
  raw: string;
  norm: string;
  text: Uint8Array;
}

/** A proposal needs at least this; below, the two are different units. */
export const SIMILAR_MIN = 400;
/** Standing at the same address counts for something. */
const SIMILAR_MIN_SAME_ADDRESS = 200;
/** So much of a text must be found in the other for a split or a merge. */
const CONTAINED_MIN = 600;
/** Bodies shorter than this many words match only at the same address or under matched parents: "Repealed." is nobody's name. */
const WORDS_MIN = 4;

/** One side's unit, reduced to what is compared. */
interface Side {
  address: string;
  parent: string | null;
  kind: string;
  own: string;
  norm: string;
  body: string;
  words: number;
}

/**
 * The transition from the old units to a plan. Deterministic; linear in the texts but for a bounded number of comparisons per unit.
 * Throws a TypeError when `document` is no UUID. With no old units every row is an insert, and closed: nothing can be mistaken for anything.
 */
export function transition(args: {
  document: string;
  /** The revision being cut: new ids are minted under it. */
  revision: number;
  old: readonly OldUnit[];
  plan: Plan;
  content: Uint8Array;
}): TransitionRow[] {
  const { document, revision, old, plan, content } = args;
  const before = sidesOf(old.map(({ address, kind, text }) => ({ address, kind, text })));
  const after = sidesOf(
    plan.units.map(({ address, kind, span }) => ({ address, kind, text: content.subarray(span.start, span.end) })),
  );
  const matches = matchAll(before, after);

  const rows: TransitionRow[] = [];
  for (const [place, { address }] of after.entries()) {
    const match = matches.byNew[place];
    const minted = (): string => unitId(document, revision, address);
    const from = (match?.old ?? []).flatMap((index) => {
      const source = old[index];
      return source ? [{ unit: source.unit, address: source.address }] : [];
    });
    rows.push({
      class: match?.class ?? "insert",
      open: match?.open ?? old.length > 0,
      from,
      to: address,
      unit: match?.keeps ? (from[0]?.unit ?? minted()) : minted(),
      similarity: match?.similarity ?? 0,
    });
  }
  for (const [index, { unit, address }] of old.entries()) {
    if (matches.usedOld.has(index)) continue;
    rows.push({ class: "repeal", open: true, from: [{ unit, address }], to: null, unit: null, similarity: 0 });
  }
  return rows;
}

interface Match {
  class: TransitionClass;
  open: boolean;
  old: number[];
  similarity: number;
  /** Carries the id of its first old unit on. Of the pieces of a split only one does: the one that was matched as a whole. */
  keeps: boolean;
}

interface Matches {
  byNew: (Match | undefined)[];
  usedOld: Set<number>;
}

function matchAll(before: readonly Side[], after: readonly Side[]): Matches {
  const byNew: (Match | undefined)[] = after.map(() => undefined);
  const newOf = new Map<number, number>();
  const oldAt = new Map(before.map(({ address }, index) => [address, index]));
  const newAt = new Map(after.map(({ address }, index) => [address, index]));
  const pair = (from: number, to: number, match: Omit<Match, "old" | "keeps">): void => {
    byNew[to] = { ...match, old: [from], keeps: true };
    newOf.set(from, to);
  };

  // 1. The same text at the same address.
  for (const [to, side] of after.entries()) {
    const from = oldAt.get(side.address);
    const source = from === undefined ? undefined : before[from];
    if (from === undefined || !source || source.kind !== side.kind) continue;
    if (source.own === side.own) pair(from, to, { class: "unchanged", open: false, similarity: 1000 });
    else if (source.norm === side.norm) pair(from, to, { class: "layout", open: false, similarity: 1000 });
  }

  // 2. The same body elsewhere: first by bytes, then by norm; closed where there is one candidate on each side.
  for (const key of ["body", "norm body"] as const) {
    const textOf = (side: Side) =>
      `${side.kind}\n${key === "body" ? side.body : normText(Buffer.from(side.body, "utf8"))}`;
    const groups = new Map<string, { from: number[]; to: number[] }>();
    const group = (side: Side): { from: number[]; to: number[] } => {
      const digest = createHash("sha256").update(textOf(side)).digest("base64");
      const found = groups.get(digest) ?? { from: [], to: [] };
      groups.set(digest, found);
      return found;
    };
    for (const [from, side] of before.entries())
      if (!newOf.has(from) && side.words >= WORDS_MIN) group(side).from.push(from);
    for (const [to, side] of after.entries()) if (!byNew[to] && side.words >= WORDS_MIN) group(side).to.push(to);
    for (const { from, to } of groups.values()) {
      const certain = from.length === 1 && to.length === 1;
      for (let nth = 0; nth < Math.min(from.length, to.length); nth++) {
        pair(from[nth] ?? 0, to[nth] ?? 0, { class: "move", open: !certain, similarity: 1000 });
      }
    }
  }

  matchContainers(before, after, byNew, newOf, oldAt, newAt, pair);
  matchSimilar(before, after, byNew, newOf, oldAt, pair);
  matchPieces(before, after, byNew, newOf);

  // A body found again under the same or the corresponding parent was only renumbered.
  for (const [to, match] of byNew.entries()) {
    if (match?.class !== "move") continue;
    const source = before[match.old[0] ?? -1];
    const oldParent = source?.parent == null ? undefined : oldAt.get(source.parent);
    const newParent = after[to]?.parent;
    if (oldParent === undefined || newParent == null) continue;
    if (newOf.get(oldParent) === newAt.get(newParent)) match.class = "relabel";
  }
  const usedOld = new Set<number>(newOf.keys());
  for (const match of byNew) for (const index of match?.old ?? []) usedOld.add(index);
  return { byNew, usedOld };
}

type Pair = (from: number, to: number, match: Omit<Match, "old" | "keeps">) => void;

/** 3. A unit whose own text is a bare label is known by its children: all of them went to one new unit, and it got no others. */
function matchContainers(
  before: readonly Side[],
  after: readonly Side[],
  byNew: (Match | undefined)[],
  newOf: Map<number, number>,
  oldAt: ReadonlyMap<string, number>,
  newAt: ReadonlyMap<string, number>,
  pair: Pair,
): void {
  const targets = new Map<number, Set<number>>();
  const sources = new Map<number, Set<number>>();
  for (let at = after.length - 1; at > 0; at--) {
    const side = after[at];
    if (!side) continue;
    const only = targetOf(at);
    if (!byNew[at] && only !== null && side.words < WORDS_MIN) {
      const back = targets.get(only);
      if (!newOf.has(only) && before[only]?.kind === side.kind && back?.size === 1) {
        pair(only, at, { class: "move", open: false, similarity: 1000 });
      }
    }
    const match = byNew[at];
    const to = side.parent === null ? undefined : newAt.get(side.parent);
    const fromParent = before[match?.old[0] ?? -1]?.parent;
    const from = fromParent == null ? undefined : oldAt.get(fromParent);
    if (to === undefined || from === undefined) continue;
    (sources.get(to) ?? sources.set(to, new Set()).get(to))?.add(from);
    (targets.get(from) ?? targets.set(from, new Set()).get(from))?.add(to);
  }
  function targetOf(at: number): number | null {
    const from = sources.get(at);
    const [only] = from ?? [];
    return from?.size === 1 && only !== undefined ? only : null;
  }
}

/** 4. What is alike, best pairs first: proposals to treat the new text as an amendment of the old. */
function matchSimilar(
  before: readonly Side[],
  after: readonly Side[],
  byNew: (Match | undefined)[],
  newOf: Map<number, number>,
  oldAt: ReadonlyMap<string, number>,
  pair: Pair,
): void {
  const from = before.flatMap((_, index) => (newOf.has(index) ? [] : [index]));
  const to = after.flatMap((_, index) => (byNew[index] ? [] : [index]));
  const oldShingles = from.map((index) => shinglesOf(normText(Buffer.from(before[index]?.body ?? "", "utf8"))));
  const newShingles = to.map((index) => shinglesOf(normText(Buffer.from(after[index]?.body ?? "", "utf8"))));
  const placeOf = new Map(from.map((index, place) => [index, place]));
  const nearest = candidatesFor(newShingles, oldShingles, 6);
  const pairs: { from: number; to: number; similarity: number; same: boolean }[] = [];
  for (const [place, index] of to.entries()) {
    const sameAddress = oldAt.get(after[index]?.address ?? "");
    const samePlace = sameAddress === undefined ? undefined : placeOf.get(sameAddress);
    const places = new Set(nearest[place]);
    if (samePlace !== undefined) places.add(samePlace);
    for (const other of places) {
      const source = from[other] ?? 0;
      if (before[source]?.kind !== after[index]?.kind) continue;
      const same = other === samePlace;
      const bare = before[source]?.words === 0 || after[index]?.words === 0;
      const alike = similarity(newShingles[place] ?? empty, oldShingles[other] ?? empty);
      if (alike >= (same ? SIMILAR_MIN_SAME_ADDRESS : SIMILAR_MIN) || (same && (bare || index === 0))) {
        pairs.push({ from: source, to: index, similarity: alike, same });
      }
    }
  }
  pairs.sort(
    (a, b) => b.similarity - a.similarity || Number(b.same) - Number(a.same) || a.to - b.to || a.from - b.from,
  );
  for (const { from: source, to: target, similarity: alike } of pairs) {
    if (newOf.has(source) || byNew[target]) continue;
    const renumbered =
      before[source]?.body === after[target]?.body && before[source]?.address !== after[target]?.address;
    pair(source, target, { class: renumbered ? "move" : "amend", open: true, similarity: alike });
  }
}

/** 5. What is left over but found inside an amended unit: a piece split off an old one, or an old one merged into a new one. */
function matchPieces(
  before: readonly Side[],
  after: readonly Side[],
  byNew: (Match | undefined)[],
  newOf: Map<number, number>,
): void {
  const amended = byNew.flatMap((match, to) => (match?.class === "amend" ? [{ to, from: match.old[0] ?? 0 }] : []));
  const shingles = (side: Side | undefined): Shingles => shinglesOf(normText(Buffer.from(side?.body ?? "", "utf8")));
  const restNew = after.flatMap((side, to) => (byNew[to] || side.words < WORDS_MIN ? [] : [to]));
  const restOld = before.flatMap((side, from) => (newOf.has(from) || side.words < WORDS_MIN ? [] : [from]));
  const wholeOld = amended.map(({ from }) => shingles(before[from]));
  const wholeNew = amended.map(({ to }) => shingles(after[to]));
  const newTexts = restNew.map((to) => shingles(after[to]));
  const oldTexts = restOld.map((from) => shingles(before[from]));
  for (const [nth, places] of candidatesFor(newTexts, wholeOld, 3).entries()) {
    const target = restNew[nth];
    for (const place of places) {
      const whole = amended[place];
      const contained = containment(newTexts[nth] ?? empty, wholeOld[place] ?? empty);
      const match = whole && byNew[whole.to];
      if (target === undefined || !whole || !match || contained < CONTAINED_MIN) continue;
      match.class = "split";
      byNew[target] = { class: "split", open: true, old: [whole.from], similarity: contained, keeps: false };
      break;
    }
  }
  for (const [nth, places] of candidatesFor(oldTexts, wholeNew, 3).entries()) {
    const source = restOld[nth];
    for (const place of places) {
      const whole = amended[place];
      const match = whole && byNew[whole.to];
      if (source === undefined || !match || match.class === "split") continue;
      if (containment(oldTexts[nth] ?? empty, wholeNew[place] ?? empty) < CONTAINED_MIN) continue;
      match.class = "merge";
      match.old.push(source);
      newOf.set(source, whole.to);
      break;
    }
  }
}

const empty: Shingles = { counts: new Map(), size: 0 };

/**
 * Own text, norm and body of units given in document order with their whole spans' bytes. Children are found in their parent's
 * bytes one after the other, which is exact: they are slices of it, in order.
 */
function sidesOf(units: readonly { address: string; kind: string; text: Uint8Array }[]): Side[] {
  const places = new Map(units.map(({ address }, index) => [address, index]));
  const pieces: Uint8Array[][] = units.map(() => []);
  const cursor: number[] = units.map(() => 0);
  const parents = units.map(({ address }, index) => (index === 0 ? null : parentOf(address, places)));
  for (const [index, { text }] of units.entries()) {
    const parent = parents[index];
    const at = parent == null ? undefined : places.get(parent);
    const whole = at === undefined ? undefined : units[at]?.text;
    if (at === undefined || !whole) continue;
    const from = cursor[at] ?? 0;
    const found = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).indexOf(text, from);
    if (found < 0) continue;
    pieces[at]?.push(trimmed(whole.subarray(from, found)));
    cursor[at] = found + text.length;
  }
  return units.map(({ address, kind, text }, index) => {
    const own = [...(pieces[index] ?? []), trimmed(text.subarray(cursor[index] ?? 0))].filter(
      (piece) => piece.length > 0,
    );
    const joined = Buffer.concat(own.flatMap((piece, nth) => (nth === 0 ? [piece] : [Buffer.from("\n"), piece])));
    const ownText = joined.toString("utf8");
    const body = bodyOf(ownText, address);
    const words = body === "" ? 0 : normText(Buffer.from(body, "utf8")).split(" ").length;
    return { address, parent: parents[index] ?? null, kind, own: ownText, norm: normText(joined), body, words };
  });
}

function trimmed(bytes: Uint8Array): Uint8Array {
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const start = trimStart(bytes, bom, bytes.length);
  return bytes.subarray(start, trimEnd(bytes, start, bytes.length));
}

/** Addresses are paths; the parent is the longest prefix that is a unit, else the root. */
function parentOf(address: string, places: ReadonlyMap<string, number>): string {
  for (let at = address.lastIndexOf("__"); at > 0; at = address.lastIndexOf("__", at - 1)) {
    const prefix = address.slice(0, at);
    if (places.has(prefix)) return prefix;
  }
  return "doc";
}

/** The own text behind the first printed number, wherever the keyword ends: `Điều 5. Tên` gives `Tên`. */
function bodyOf(own: string, address: string): string {
  const segment = address.slice(address.lastIndexOf("__") + (address.includes("__") ? 2 : 0)).replace(/~\d+$/u, "");
  const label = segment.slice(segment.indexOf("_") + 1);
  if (segment === "doc" || /^n\d+$/u.test(label)) return own;
  const pattern = [...label].map((character) => character.replace(/[.*+?^${}()|[\]\\-]/gu, "\\$&")).join("[ \\u00a0]?");
  const match = new RegExp(`^.{0,40}?${pattern}[\\s.:)–—-]*`, "su").exec(own.slice(0, 200).normalize("NFC"));
  return match ? own.slice(0, 200).normalize("NFC").slice(match[0].length) + own.slice(200) : own;
}
