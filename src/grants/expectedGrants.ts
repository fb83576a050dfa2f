/**
 * Who should be able to do what in the database of a ledger: the roles that the migrations make, the privileges they give, and nothing else.
 * Written down here once more, by hand: a matrix that was read off the migrations could not tell that they are wrong.
 */
import { readModelObjects } from "../projecting/tables.js";

export const ledgerRoles = ["iu_reader", "iu_verifier", "iu_orchestrator", "iu_operator"] as const;
export type LedgerRole = (typeof ledgerRoles)[number];

/** Everybody, by the name that Postgres's functions know. */
export const everybody = "PUBLIC";

/** The tables and views that the migrations make, with what an operator may do there beside reading. Everybody with a role reads them. */
const operatorsOwn: Readonly<Record<string, readonly string[]>> = {
  event: [],
  command: [],
  head: [],
  turn: [],
  content: [],
  migration: [],
  history: [],
  checkpoint: [],
  replica: [],
  // How far a publisher got: moved forward, never taken back.
  publisher: ["INSERT", "UPDATE"],
};

/** The ledger's own tables and views; all others are read models. */
export const ledgerRelations: readonly string[] = Object.keys(operatorsOwn);

/** Who may call the ledger's functions, by name; all others are for nobody but the owner. */
const callers: Readonly<Record<string, readonly LedgerRole[]>> = {
  append: ["iu_verifier", "iu_orchestrator", "iu_operator"],
  content_put: ["iu_orchestrator", "iu_operator"],
  content_erase: ["iu_operator"],
  checkpoint_add: ["iu_operator"],
};

/** An object whose privileges are compared. `name` is without its schema, and without the arguments of a function. */
export interface Grantable {
  readonly kind: "database" | "schema" | "table" | "view" | "column" | "sequence" | "function";
  readonly name: string;
}

/** The privileges that are looked at, by kind. CONNECT, TEMPORARY and USAGE of the schema public harm nobody and are the owner's to give. */
export const privilegesOf: Readonly<Record<Grantable["kind"], readonly string[]>> = {
  database: ["CREATE"],
  schema: ["CREATE", "USAGE"],
  table: ["DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"],
  view: ["DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"],
  column: ["INSERT", "REFERENCES", "SELECT", "UPDATE"],
  sequence: ["SELECT", "UPDATE", "USAGE"],
  function: ["EXECUTE"],
};

/** What a role, or everybody, should be able to do: sorted names of privileges. */
export function expectedPrivileges(role: LedgerRole | typeof everybody, { kind, name }: Grantable): readonly string[] {
  if (role === everybody) return [];
  switch (kind) {
    case "schema":
      return name === "iu" ? ["USAGE"] : [];
    case "table":
    case "view":
      if (role !== "iu_operator") return ["SELECT"];
      return [...(operatorsOwn[name] ?? ["DELETE", "INSERT", "UPDATE"]), "SELECT"].sort();
    case "function":
      return callers[name]?.includes(role) === true ? ["EXECUTE"] : [];
    default:
      return [];
  }
}

/** The default privileges of tables that the owner makes later in the schema: those of read models. */
export const expectedDefaults: Readonly<Record<LedgerRole, readonly string[]>> = {
  iu_reader: ["SELECT"],
  iu_verifier: ["SELECT"],
  iu_orchestrator: ["SELECT"],
  iu_operator: ["DELETE", "INSERT", "SELECT", "UPDATE"],
};

/** Whether a relation is a read model of this program. */
export function isReadModel(name: string): boolean {
  return readModelObjects.includes(name);
}
