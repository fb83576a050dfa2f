// The embedded default keeps the contract, opened again by another connection too.
import { suite } from "uvu";
import { storeContract } from "./contract.js";
import { withSqliteFile } from "./withSqliteFile.js";

const test = suite("store contract: sqlite");
storeContract(test, (use) =>
  withSqliteFile(async (file) => use({ store: await file.open(), again: () => file.open() })),
);
test.run();
