/**
 * The bases, each made when it is first asked for and once. Where there is no Postgres, asking for that one skips, with the reason. Everything is below
 * one folder, which goes with the process, however that ends short of a kill.
 */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgresCluster } from "../support/postgresCluster.js";
import { makeBase } from "./base.js";
import type { StoreKind } from "./Eye.js";
import { postgresHands } from "./postgresHands.js";
import type { Base } from "./room.js";
import { sqliteHands } from "./sqliteHands.js";

export interface Bases {
  get(kind: StoreKind): Promise<Base>;
}

export function openBases(): Bases {
  const root = mkdtempSync(join(tmpdir(), "iu-ledger-attack-"));
  process.once("exit", () => rmSync(root, { recursive: true, force: true, maxRetries: 3 }));
  const newFolder = () => mkdtemp(join(root, "ledger-"));
  const made = new Map<StoreKind, Promise<Base>>();
  const make = { sqlite: sqliteBase, postgres: postgresBase };
  return {
    get(kind) {
      const base = made.get(kind) ?? make[kind](newFolder);
      made.set(kind, base);
      return base;
    },
  };
}

async function sqliteBase(newFolder: Base["newFolder"]): Promise<Base> {
  const dir = await newFolder();
  const file = join(dir, "ledger.sqlite");
  const facts = await makeBase({ dir, ledger: file });
  const whole = await sqliteHands(file).copy();
  return {
    kind: "sqlite",
    dir,
    facts,
    newFolder,
    async copy(into) {
      const ledger = join(into, "ledger.sqlite");
      copyFileSync(whole, ledger);
      return { ledger, hands: sqliteHands(ledger) };
    },
  };
}

async function postgresBase(newFolder: Base["newFolder"]): Promise<Base> {
  const cluster = await postgresCluster();
  const dir = await newFolder();
  const database = await cluster.createDatabase();
  const facts = await makeBase({ dir, ledger: cluster.url(database) });
  return {
    kind: "postgres",
    dir,
    facts,
    newFolder,
    async copy() {
      const name = await cluster.createDatabase({ template: database });
      return { ledger: cluster.url(name), hands: postgresHands(cluster, name) };
    },
  };
}
