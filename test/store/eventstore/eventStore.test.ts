// EventStoreDB keeps the contract, opened again as another process would.
import { suite } from "uvu";
import { storeContract } from "../contract.js";
import { withEventStoreLedger } from "./withEventStoreLedger.js";

const test = suite("store contract: eventstoredb");
storeContract(test, (use) =>
  withEventStoreLedger(async ({ open }) => use({ store: await open(), again: () => open() })),
);
test.run();
