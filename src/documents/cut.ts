/**
 * Cut and join, a mirrored pair: `join(cut(content, plan))` equals the content, byte for byte. A leaf is a piece of a unit's own
 * text: its span without the spans of its children. Leaves are slices; nothing is ever copied from anywhere else (L7).
 */
import type { Plan, Span, Unit } from "./Plan.js";
import { trimStart } from "./whiteSpace.js";

export interface Leaf {
  /** The unit whose own text this is. */
  address: string;
  span: Span;
  /** White space or a byte order mark only. */
  trivia: boolean;
  bytes: Uint8Array;
}

/** The leaves of a plan in order. Expects a plan that keeps L3; `checkLossless` says whether it does. */
export function cut(content: Uint8Array, plan: Plan): Leaf[] {
  const leaves: Leaf[] = [];
  const open: { unit: Unit; at: number }[] = [];
  const put = (unit: Unit, start: number, end: number): void => {
    if (end <= start) return;
    const bytes = content.subarray(start, end);
    leaves.push({ address: unit.address, span: { start, end }, trivia: isTrivia(bytes, start), bytes });
  };
  const close = (): void => {
    const top = open.pop();
    if (!top) return;
    put(top.unit, top.at, top.unit.span.end);
    const parent = open[open.length - 1];
    if (parent) parent.at = top.unit.span.end;
  };
  for (const unit of plan.units) {
    while (open.length > 0 && open[open.length - 1]?.unit.address !== unit.parent) close();
    const parent = open[open.length - 1];
    if (parent) put(parent.unit, parent.at, unit.span.start);
    open.push({ unit, at: unit.span.start });
  }
  while (open.length > 0) close();
  return leaves;
}

/** The bytes the leaves were cut from: their concatenation. */
export function join(leaves: readonly Leaf[]): Uint8Array {
  const bytes = new Uint8Array(leaves.reduce((sum, leaf) => sum + leaf.bytes.length, 0));
  let at = 0;
  for (const leaf of leaves) {
    bytes.set(leaf.bytes, at);
    at += leaf.bytes.length;
  }
  return bytes;
}

function isTrivia(bytes: Uint8Array, start: number): boolean {
  const bom = start === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  return trimStart(bytes, bom, bytes.length) === bytes.length;
}
