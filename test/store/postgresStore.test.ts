// Postgres keeps the contract, opened again by another process's connections too.
import { suite } from "uvu";
import { storeContract } from "./contract.js";
import { withPostgresLedger } from "./withPostgresLedger.js";

const test = suite("store contract: postgres");
storeContract(test, (use) => withPostgresLedger(async ({ open }) => use({ store: await open(), again: () => open() })));
test.run();
