/** A batch of appends as the arguments of `iu.append`, and its answer as outcomes: see `src/database/migrations/postgres/`. */
import { arrayOf } from "../database/postgresValues.js";
import type { Append, AppendOutcome } from "../ledger/Store.js";

/** The statement, and what it is given. */
export interface AppendCall {
  readonly sql: string;
  readonly params: readonly Buffer[];
  /** The outcomes, from what the statement returned. */
  outcomes(answer: readonly number[]): AppendOutcome[];
}

const types = "text[] text[] int4[] int4[] int4[] bytea[] int4[] int4[] int4[] int8[] int4[] int8[] bytea[]".split(" ");
const sql = `SELECT iu.append(${types.map((type, i) => `$${i + 1}::${type}`).join(", ")}) AS answer`;

/** Names by place, each once: the first is 1. */
function places(): { of: (name: string) => number; readonly names: string[] } {
  const known = new Map<string, number>();
  const names: string[] = [];
  return {
    names,
    of(name) {
      let place = known.get(name);
      if (place === undefined) {
        place = names.push(name);
        known.set(name, place);
      }
      return place;
    },
  };
}

export function appendCall(appends: readonly Append[]): AppendCall {
  const ids = places();
  const streams = places();
  const id: number[] = [];
  const part: number[] = [];
  const last: number[] = [];
  const envelope: (Uint8Array | null)[] = [];
  const guardCount: number[] = [];
  const entryCount: number[] = [];
  const guardStream: number[] = [];
  const guardRevision: number[] = [];
  const entryStream: number[] = [];
  const entryRevision: number[] = [];
  const entryBytes: Uint8Array[] = [];
  for (const { command, entries, guards } of appends) {
    id.push(ids.of(command.id));
    part.push(command.part);
    last.push(command.last ? 1 : 0);
    envelope.push(command.part === 0 ? command.envelope : null);
    guardCount.push(guards.length);
    entryCount.push(entries.length);
    for (const { stream, revision } of guards) {
      guardStream.push(streams.of(stream));
      guardRevision.push(revision);
    }
    for (const { stream, revision, bytes } of entries) {
      entryStream.push(streams.of(stream));
      entryRevision.push(revision);
      entryBytes.push(bytes);
    }
  }
  const integers = [id, part, last].map(arrayOf.integer);
  return {
    sql,
    params: [
      arrayOf.text(ids.names),
      arrayOf.text(streams.names),
      ...integers,
      arrayOf.bytea(envelope),
      arrayOf.integer(guardCount),
      arrayOf.integer(entryCount),
      arrayOf.integer(guardStream),
      arrayOf.bigint(guardRevision),
      arrayOf.integer(entryStream),
      arrayOf.bigint(entryRevision),
      arrayOf.bytea(entryBytes),
    ],
    outcomes: (answer) => appends.map((_, i) => outcomeOf(answer.slice(4 * i, 4 * i + 4), streams.names)),
  };
}

function outcomeOf([kind, a, b, c]: readonly number[], streams: readonly string[]): AppendOutcome {
  switch (kind) {
    case 0:
      return { kind: "committed", position: a as number, count: b as number };
    case 1:
      return {
        kind: "conflict",
        stream: streams[(a as number) - 1] as string,
        expected: b as number,
        actual: c as number,
      };
    case 2:
      return { kind: "duplicate" };
    default:
      throw new Error(`iu.append answered ${kind}`);
  }
}
