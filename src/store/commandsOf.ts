/** From the rows of command parts, as any SQL store holds them, to commands. A part that is missing is damage, never skipped. */
import type { StoredCommand, StoreError } from "../ledger/Store.js";

/** One part of a command: the envelope stands with part 0, `last` is 0 or 1. */
export interface CommandRow {
  readonly id: string;
  readonly part: number;
  readonly position: number;
  readonly count: number;
  readonly last: number;
  readonly envelope: Uint8Array | null;
}

/** Rows ordered by part, grouped into commands in the order of their parts 0. Throws what `hole` makes of a lost part. */
export function commandsOf(
  rows: readonly CommandRow[],
  hole: (position: number, message: string) => StoreError,
): StoredCommand[] {
  const commands = new Map<string, { id: string; envelope: Uint8Array; parts: StoredCommand["parts"][number][] }>();
  for (const { id, part, position, count, last, envelope } of rows) {
    let command = commands.get(id);
    if (part === 0 && envelope !== null) {
      command = { id, envelope, parts: [] };
      commands.set(id, command);
    }
    if (command?.parts.length !== part)
      throw hole(position, `command ${id} has lost its part ${command?.parts.length ?? 0}`);
    command.parts.push({ position, count, last: last === 1 });
  }
  return [...commands.values()];
}
