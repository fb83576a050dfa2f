/** The bases, each made when it is first asked for and once. Where there is no Postgres, asking for that one skips, with the reason. */
import { copyFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgresCluster } from "../support/postgresCluster.js";
import type { StoreKind } from "./Attack.js";
import { makeBase } from "./base.js";
import { postgresHands } from "./postgresHands.js";
import type { Base } from "./room.js";
import { sqliteHands } from "./sqliteHands.js";

export interface Bases {
  get(kind: StoreKind): Promise<Base>;
}

/** A bracket: what was made is removed afterwards. */
export async function withBases<T>(use: (bases: Bases) => Promise<T>): Promise<T> {
  const folders: string[] = [];
  const made = new Map<StoreKind, Promise<Base>>();
  const folder = async () => {
    const dir = await mkdtemp(join(tmpdir(), "iu-ledger-attack-"));
    folders.push(dir);
    return dir;
  };
  const make = { sqlite: async () => sqliteBase(await folder()), postgres: async () => postgresBase(await folder()) };
  try {
    return await use({
      get(kind) {
        const base = made.get(kind) ?? make[kind]();
        made.set(kind, base);
        return base;
      },
    });
  } finally {
    await Promise.allSettled(made.values());
    for (const dir of folders) await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function sqliteBase(dir: string): Promise<Base> {
  const file = join(dir, "ledger.sqlite");
  const facts = await makeBase({ dir, ledger: file });
  const whole = await sqliteHands(file).copy();
  return {
    kind: "sqlite",
    dir,
    facts,
    async copy(into) {
      const ledger = join(into, "ledger.sqlite");
      copyFileSync(whole, ledger);
      return { ledger, hands: sqliteHands(ledger) };
    },
  };
}

async function postgresBase(dir: string): Promise<Base> {
  const cluster = await postgresCluster();
  const database = await cluster.createDatabase();
  const facts = await makeBase({ dir, ledger: cluster.url(database) });
  return {
    kind: "postgres",
    dir,
    facts,
    async copy() {
      const name = await cluster.createDatabase({ template: database });
      return { ledger: cluster.url(name), hands: postgresHands(cluster, name) };
    },
  };
}
