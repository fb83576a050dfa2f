// Postgres keeps the contract, opened again by another process's connections too; and notices what others have done to it.
import { suite } from "uvu";
import { storeContract } from "./contract.js";
import { postgresDamage } from "./postgresDamage.js";
import { withPostgresLedger } from "./withPostgresLedger.js";

const test = suite("store contract: postgres");
storeContract(test, (use) => withPostgresLedger(async ({ open }) => use({ store: await open(), again: () => open() })));
test.run();

// In the same file for the server's sake: each file starts its own.
const damage = suite("postgres store, attacked");
postgresDamage(damage);
damage.run();
