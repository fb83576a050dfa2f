/**
 * The stored commands as replay comes past them: which command, and which part of it, the store says decided an event. Read a page
 * at a time; a part that stands further on is remembered until it is reached.
 */
import { parseCommand } from "../../commands/Command.js";
import { type ReadCommand, readCommand } from "../ledger/readCommand.js";
import type { Store, StoredCommand } from "../ledger/Store.js";
import { isCorrupt } from "./readLeaves.js";

/** A stored command. */
export interface Spoken {
  readonly id: string;
  /** The command as it was signed, or what is wrong with its envelope. Read at the first call. */
  readonly read: () => ReadCommand | EnvelopeFault;
}

export interface EnvelopeFault {
  readonly field: string;
  readonly message: string;
}

export function isFault(read: ReadCommand | EnvelopeFault): read is EnvelopeFault {
  return "field" in read;
}

/** Consecutive events that one decision of a command wrote. */
export interface Part {
  readonly spoken: Spoken;
  readonly index: number;
  readonly position: number;
  readonly count: number;
  readonly last: boolean;
}

export interface Parts {
  /** Makes the commands of [from, to) known. */
  load(from: number, to: number): Promise<void>;
  /** Moves on to a position. */
  enter(position: number): void;
  /** The parts that begin at the position entered; those without events first. */
  readonly beginning: readonly Part[];
  /** The part the event at the position entered belongs to. */
  readonly current: Part | undefined;
  /** Stored commands that cannot be read, once each. */
  takeUnreadable(): { readonly position: number; readonly message: string }[];
  /** Parts that begin at or reach beyond `size`. */
  beyond(size: number): Promise<Part[]>;
}

export function parts(store: Store): Parts {
  const ahead = new Map<number, Part[]>();
  let beginning: Part[] = [];
  let current: Part | undefined;
  let unreadable: { position: number; message: string }[] = [];

  function add(command: StoredCommand): void {
    const spoken = spokenOf(command);
    for (const [index, { position, count, last }] of command.parts.entries()) {
      const part = { spoken, index, position, count, last };
      const others = ahead.get(position);
      if (others === undefined) ahead.set(position, [part]);
      else if (count === 0) others.unshift(part);
      else others.push(part);
    }
  }

  async function load(from: number, to: number): Promise<void> {
    let commands: StoredCommand[];
    try {
      commands = await store.commands(from, to);
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      if (to - from === 1) {
        unreadable.push({ position: from, message: error.message });
        return;
      }
      const middle = from + Math.floor((to - from) / 2);
      await load(from, middle);
      await load(middle, to);
      return;
    }
    for (const command of commands) add(command);
  }

  return {
    load,
    enter(position) {
      beginning = ahead.get(position) ?? [];
      ahead.delete(position);
      if (current !== undefined && position >= current.position + current.count) current = undefined;
      current = beginning.find((part) => part.count > 0) ?? current;
    },
    get beginning() {
      return beginning;
    },
    get current() {
      return current;
    },
    takeUnreadable() {
      const taken = unreadable;
      unreadable = [];
      return taken;
    },
    async beyond(size) {
      let later: StoredCommand[] = [];
      try {
        later = await store.commands(size, Number.MAX_SAFE_INTEGER);
      } catch (error) {
        if (!isCorrupt(error)) throw error;
        unreadable.push({ position: size, message: error.message });
      }
      for (const command of later) add(command);
      const reaching = current !== undefined && current.position + current.count > size ? [current] : [];
      return [...reaching, ...[...ahead.values()].flat()].sort((a, b) => a.position - b.position);
    },
  };
}

function spokenOf({ id, envelope }: StoredCommand): Spoken {
  let read: ReadCommand | EnvelopeFault | undefined;
  return {
    id,
    read() {
      read ??= readEnvelope(envelope);
      return read;
    },
  };
}

function readEnvelope(envelope: Uint8Array): ReadCommand | EnvelopeFault {
  const read = readCommand(envelope, parseCommand);
  return "kind" in read ? { field: read.at, message: read.message } : read;
}
