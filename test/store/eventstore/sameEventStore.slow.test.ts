// The law of adapters, on EventStoreDB; and the contract over two copies of one ledger.
import * as fc from "fast-check";
import { suite } from "uvu";
import { holdsAsync } from "../../support/property.js";
import { storeContract } from "../contract.js";
import { drawnBatches, sameAsReference } from "../drawnBatches.js";
import { withEventStoreLedger } from "./withEventStoreLedger.js";

const test = suite("memory and eventstoredb are the same store");
test("random batches have the same outcomes and leave the same bytes", () =>
  holdsAsync(
    fc.asyncProperty(drawnBatches, (batches) =>
      withEventStoreLedger(async ({ open, otherPostgres }) =>
        sameAsReference(batches, await open(), async () => open({ postgres: await otherPostgres() })),
      ),
    ),
    40,
  ));
test.run();

// Content lies beside the ledger, in one of the two databases.
const apart = suite("store contract: eventstoredb, two copies");
storeContract(
  apart,
  (use) =>
    withEventStoreLedger(async ({ open, otherPostgres }) => {
      const postgres = await otherPostgres();
      return use({ store: await open(), again: () => open({ postgres }) });
    }),
  { content: false },
);
apart.run();
