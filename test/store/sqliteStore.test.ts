// The embedded default keeps the contract, opened again by another connection too.
import { storeContract } from "./contract.js";
import { withSqliteFile } from "./withSqliteFile.js";

storeContract("sqlite", (use) =>
  withSqliteFile(async (file) => use({ store: await file.open(), again: () => file.open() })),
).run();
