/**
 * The Merkle root: recomputed leaf by leaf as a compact range and compared with what the store says of itself and with every head that
 * was kept elsewhere (a signed checkpoint is such a head once its signature is verified). Where rows are missing no root can be
 * computed, and that is said instead.
 */
import { logKey, streamName } from "../events/streams.js";
import type { Head } from "../ledger/Store.js";
import { type CompactRange, emptyRange, extendRange, rootHex } from "../tlog/tree.js";
import type { Check, Tally } from "./Check.js";

const logStream = streamName("log", logKey);

/** A size and root that somebody outside this ledger vouches for. */
export interface KnownHead extends Head {
  /** Whose it is, for people: "checkpoint of 2026-01-05", "--expect". */
  readonly from: string;
}

/** Roots of sizes that another check wants to compare: asked for before replay comes to them, there once it has come past. */
export interface RootWatch {
  at(size: number): void;
  /** Undefined where nobody asked in time, or where rows before it cannot be read. */
  root(size: number): string | undefined;
}

/** Notes the roots as replay comes past; {@link checkRoot} fills it. */
export function rootWatch(): RootWatch & { readonly wanted: Set<number>; note(size: number, root: string): void } {
  const wanted = new Set<number>();
  const roots = new Map<number, string>();
  return {
    wanted,
    at: (size) => {
      wanted.add(size);
    },
    note: (size, root) => {
      roots.set(size, root);
    },
    root: (size) => roots.get(size),
  };
}

export interface RootCheck extends Check {
  /** The root over what could be read. */
  root(): string;
}

/** `stored` null: the head could not be read, for the reason given. */
export function checkRoot(
  tally: Tally,
  stored: Head | { readonly unreadable: string },
  knownHeads: readonly KnownHead[],
  watch: ReturnType<typeof rootWatch> = rootWatch(),
): RootCheck {
  let range: CompactRange = emptyRange;
  let pending: Uint8Array[] = [];
  let lostAt: number | null = null;
  let lostCount = 0;
  const known = [...knownHeads].sort((a, b) => a.size - b.size);
  let next = 0;
  /** The largest known size whose root was the right one. */
  let agreed = 0;

  function flush(): void {
    range = extendRange(range, pending);
    pending = [];
  }
  function unread(size: number): string {
    return range.size < size ? `, and from position ${range.size} on none was tried any more` : "";
  }
  function compareKnown(): void {
    for (
      let head = known[next];
      head !== undefined && head.size === range.size + pending.length;
      head = known[++next]
    ) {
      flush();
      tally.assert();
      const root = rootHex(range);
      if (lostAt === null && root === head.root) agreed = head.size;
      else {
        tally.find({
          position: lostAt,
          stream: null,
          field: "root",
          rule: "known head",
          message: `at size ${head.size} the root is ${root}; ${head.from} says ${head.root}. The events below ${agreed} are as they were; something at ${agreed} to ${head.size - 1} is not.`,
        });
      }
    }
  }
  function noteWatched(): void {
    const size = range.size + pending.length;
    if (!watch.wanted.has(size) || lostAt !== null) return;
    flush();
    watch.note(size, rootHex(range));
  }
  compareKnown();
  return {
    name: "root",
    root() {
      flush();
      return rootHex(range);
    },
    event(leaf) {
      // An incarnation says what the ledger was: most often, just before it.
      if (leaf.stream === logStream && lostAt === null) {
        flush();
        watch.note(range.size, rootHex(range));
      }
      pending.push(Buffer.from(leaf.hash, "hex"));
      if (pending.length >= 1024) flush();
      if (next < known.length) compareKnown();
      if (watch.wanted.size > 0) noteWatched();
    },
    lost({ position }) {
      lostAt ??= position;
      lostCount++;
      // A place is kept for it, so that sizes stay what they are; the root is wrong anyhow, and said to be.
      pending.push(new Uint8Array(32));
      if (next < known.length) compareKnown();
    },
    end() {
      flush();
      tally.assert();
      if ("unreadable" in stored) {
        tally.find({ position: null, stream: null, field: "head", rule: "stored head", message: stored.unreadable });
        return;
      }
      const root = rootHex(range);
      if (lostAt !== null) {
        tally.find({
          position: lostAt,
          stream: null,
          field: "root",
          rule: "stored head",
          message: `${lostCount} of ${stored.size} events cannot be read, the first at position ${lostAt}${unread(stored.size)}: the root ${stored.root} cannot be recomputed`,
        });
      } else if (root !== stored.root) {
        tally.find({
          position: null,
          stream: null,
          field: "root",
          rule: "stored head",
          message: `the root over ${range.size} events is ${root}; the store's head says ${stored.root}`,
        });
      }
      for (const head of known.slice(next)) {
        tally.assert();
        tally.find({
          position: range.size,
          stream: null,
          field: "size",
          rule: "known head",
          message: `the ledger ends at size ${range.size}; ${head.from} knows it at size ${head.size}: ${head.size - range.size === 1 ? "1 event is" : `${head.size - range.size} events are`} gone`,
        });
      }
    },
  };
}
