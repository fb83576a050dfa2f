/** Bugs to plant, so that the simulation is itself tried: one that cannot find these proves nothing. */
import type { Sql } from "../../src/database/Sql.js";
import { type Append, type Store, StoreError } from "../../src/ledger/Store.js";
import type { Random } from "./random.js";

export interface Plant {
  readonly name: string;
  /** Whether it is a bug of those who keep projections. */
  readonly follows: boolean;
  /** Made once a history. `inner` is below all faults. */
  make(random: Random): {
    readonly plantStore: (inner: Store) => Store;
    readonly plantSql: (sql: Sql) => Sql;
  };
}

const sane = { plantStore: (inner: Store) => inner, plantSql: (sql: Sql) => sql };

export const unplanted: Plant = { name: "nothing", follows: false, make: () => sane };

function inStore(name: string, change: (inner: Store, random: Random) => Store["append"]): Plant {
  return {
    name,
    follows: false,
    make: (random) => ({ ...sane, plantStore: (inner) => ({ ...inner, append: change(inner, random) }) }),
  };
}

export const plants: readonly Plant[] = [
  inStore("a store that now and then acknowledges an append and drops it", (inner, random) => async (appends) => {
    if (!random.percent(5)) return inner.append(appends);
    const { size } = await inner.head();
    return appends.map(({ entries }) => ({ kind: "committed", position: size, count: entries.length }));
  }),
  inStore(
    "a store that skips the guards",
    (inner) => (appends) => inner.append(appends.map((one) => ({ ...one, guards: [] }))),
  ),
  inStore("a store that applies a duplicate twice", (inner) => async (appends) => {
    const outcomes = await inner.append(appends);
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.kind !== "duplicate") continue;
      const { command, entries } = appends[i] as Append;
      const again = [];
      for (const entry of entries) again.push({ ...entry, revision: (await inner.readStream(entry.stream, 0)).length });
      if (new Set(again.map(({ stream }) => stream)).size < again.length) continue;
      await inner.append([
        { command: { ...command, id: `${command.id}-again`, part: 0, last: true }, entries: again, guards: [] },
      ]);
    }
    return outcomes;
  }),
  inStore("a store that says nothing was written when the answer was lost", (inner, random) => async (appends) => {
    const outcomes = await inner.append(appends);
    if (!random.percent(5)) return outcomes;
    throw new StoreError("UNAVAILABLE", "planted: it was written", { next: "Try again." });
  }),
  inStore("a store that gives every caller the outcome of its neighbour", (inner) => async (appends) => {
    const outcomes = await inner.append(appends);
    return appends.length < 2 ? outcomes : [...outcomes.slice(1), ...outcomes.slice(0, 1)];
  }),
  {
    name: "a store whose append is not atomic",
    follows: false,
    make: (random) => ({
      ...sane,
      plantStore: (inner) => ({
        ...inner,
        async append(appends) {
          const [only] = appends;
          if (only === undefined || appends.length > 1 || only.entries.length < 3 || !random.percent(20))
            return inner.append(appends);
          await inner.append([
            { ...only, entries: only.entries.slice(0, 1), command: { ...only.command, last: false } },
          ]);
          throw new StoreError("UNAVAILABLE", "planted: half of it was written", {
            next: "Read back.",
            ambiguous: true,
          });
        },
      }),
    }),
  },
  {
    name: "a follower that saves its bookmark before its work",
    follows: true,
    make: () => ({
      ...sane,
      plantSql: (sql) => ({
        ...sql,
        async transaction(work) {
          const early = { moved: -1 };
          await sql.transaction(async (session) => {
            // Only the bookmark is moved; the work comes in a transaction of its own.
            await work({
              ...session,
              async run(text, params) {
                if (!text.startsWith("UPDATE bookmark")) return session.run(text, params);
                early.moved = await session.run(text, params);
                return early.moved;
              },
              runEach: (text, rows) => (early.moved < 0 ? session.runEach(text, rows) : Promise.resolve(0)),
            });
          });
          return sql.transaction((session) =>
            work({
              ...session,
              run: async (text, params) =>
                text.startsWith("UPDATE bookmark") ? early.moved : session.run(text, params),
            }),
          );
        },
      }),
    }),
  },
];
