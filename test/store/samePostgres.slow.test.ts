// The law of adapters, on Postgres.
import * as fc from "fast-check";
import { suite } from "uvu";
import { holdsAsync } from "../support/property.js";
import { drawnBatches, sameAsReference } from "./drawnBatches.js";
import { withPostgresLedger } from "./withPostgresLedger.js";

const test = suite("memory and postgres are the same store");

test("random batches have the same outcomes and leave the same bytes", () =>
  holdsAsync(
    fc.asyncProperty(drawnBatches, (batches) =>
      withPostgresLedger(async ({ open }) => sameAsReference(batches, await open(), () => open())),
    ),
    60,
  ));

test.run();
