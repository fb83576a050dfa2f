/** The two ports a process stands on, the store and the database of its projections, with everything that can go wrong with each call. */
import { type Sql, SqlError, type SqlSession } from "../../src/database/Sql.js";
import { type Append, type AppendOutcome, type Store, StoreError } from "../../src/ledger/Store.js";
import { caller, type Failures, type World } from "./faults.js";
import type { Owner } from "./scheduler.js";

const storeFailures: Failures = {
  refused: (random) =>
    new StoreError(random.pick(["UNAVAILABLE", "LOCKED", "DISK_FULL"] as const), "simulated: it did not happen", {
      next: "Try again.",
    }),
  ambiguous: () =>
    new StoreError("UNAVAILABLE", "simulated: the answer was lost", { next: "Read back.", ambiguous: true }),
};

const sqlFailures: Failures = {
  refused: (random) =>
    new SqlError(random.pick(["LOCKED", "DISK_FULL", "CONNECTION"] as const), "simulated: it did not happen"),
  ambiguous: () => new SqlError("CONNECTION", "simulated: the answer was lost", { ambiguous: true }),
};

/** A store as a process sees it. `follow` and `close` are not simulated: nobody in the simulation calls them. */
export function faultyStore(inner: Store, world: World, owner: Owner): Store {
  const call = caller(world, owner, storeFailures);
  const read = <T>(what: string, effect: () => Promise<T>) => call({ what, writes: false, effect });
  return {
    head: () => read("head", () => inner.head()),
    append(appends) {
      const what = `append ${appends.map(appendText).join(" | ")}`;
      const said = (outcomes: readonly AppendOutcome[]) => outcomes.map(outcomeText).join(" | ");
      return call({ what, writes: true, effect: () => inner.append(appends), said });
    },
    read: (from, limit) => read(`read ${from}+${limit}`, () => inner.read(from, limit)),
    readStream: (stream, from, limit) =>
      read(`read ${short(stream)} from ${from}`, () => inner.readStream(stream, from, limit)),
    command: (id) => read(`command ${short(id)}`, () => inner.command(id)),
    commands: (from, to) => read(`commands ${from}–${to}`, () => inner.commands(from, to)),
    follow: () => {
      throw new Error("following is not simulated: it waits by a real clock");
    },
    content: {
      put: (commitment, content) =>
        call({
          what: `put content ${short(commitment)}`,
          writes: true,
          effect: () => inner.content.put(commitment, content),
          said: () => "put",
        }),
      get: (commitment) => read(`content ${short(commitment)}`, () => inner.content.get(commitment)),
      erase: (commitment) =>
        call({ what: `erase ${short(commitment)}`, writes: true, effect: () => inner.content.erase(commitment) }),
    },
    close: () => Promise.resolve(),
  };
}

/** A database as a process sees it: a transaction is one call, since whatever dies inside of it leaves nothing. */
export function faultySql(inner: Sql, world: World, owner: Owner): Sql {
  const call = caller(world, owner, sqlFailures);
  const transaction = <T>(what: string, work: (session: SqlSession) => Promise<T>) =>
    call({
      what,
      writes: true,
      once: true,
      effect: () => inner.transaction(work),
      said: (answer) => String(answer ?? "done"),
    });
  return {
    dialect: inner.dialect,
    query: (sql, params) =>
      call({ what: `query ${sql.slice(0, 40)}…`, writes: false, effect: () => inner.query(sql, params) }),
    transaction: (work) => transaction("transaction of the projections", work),
    run: (sql, params) => transaction("run of the projections", (session) => session.run(sql, params)),
    exec: (script) => transaction("script of the projections", (session) => session.exec(script)),
    close: () => Promise.resolve(),
  };
}

export function short(name: string): string {
  return name
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-([0-9a-f]{12})/g, (_, end: string) => `…${end.slice(-4)}`)
    .replace(/^[0-9a-f]{60}/, "…");
}

function appendText({ command, entries, guards }: Append): string {
  const part = command.part === 0 && command.last ? "" : `/${command.part}${command.last ? " (last)" : ""}`;
  const streams = [...new Set(entries.map(({ stream, revision }) => `${short(stream)} ${revision}`))];
  const shown = streams.length > 3 ? `${streams.slice(0, 2).join(", ")} … ${streams.at(-1)}` : streams.join(", ");
  return `${short(command.id)}${part} [${shown}] guarded by ${guards.length}`;
}

function outcomeText(outcome: AppendOutcome): string {
  switch (outcome.kind) {
    case "committed":
      return `committed at ${outcome.position}+${outcome.count}`;
    case "conflict":
      return `conflict on ${short(outcome.stream)}: expected ${outcome.expected}, is ${outcome.actual}`;
    case "duplicate":
      return "duplicate";
  }
}
