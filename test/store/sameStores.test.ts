// The law of adapters, on SQLite.
import * as fc from "fast-check";
import { suite } from "uvu";
import { holdsAsync } from "../support/property.js";
import { drawnBatches, sameAsReference } from "./drawnBatches.js";
import { withSqliteFile } from "./withSqliteFile.js";

const test = suite("memory and sqlite are the same store");

test("random batches have the same outcomes and leave the same bytes", () =>
  holdsAsync(
    fc.asyncProperty(drawnBatches, (batches) =>
      withSqliteFile(async ({ open }) => sameAsReference(batches, await open(), () => open())),
    ),
    60,
  ));

test.run();
