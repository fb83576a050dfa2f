/** What later decisions are judged by: the policy in force, the writers in force; and what this program may run of them. */
import { suite } from "uvu";
import { digestOf } from "../../src/events/canonical.js";
import { pinnedWriter } from "../../src/writers/lock.js";
import { roomPolicy, run } from "./cast.js";
import { until, untouched } from "./history.js";

const test = suite("policy and writers");
const strict = { ...roomPolicy, gateHours: 1 };
const open = until("open");
const source = (name: string) => pinnedWriter(name, 1)?.source ?? "";
const other = "12".repeat(32);

test("a policy is adopted with its digest; adopting it again says nothing", () => {
  open
    .when("AdoptPolicy", { policy: strict }, "sam")
    .thenFacts({ stream: "policy-ledger", type: "PolicyAdopted", data: { policy: strict, digest: digestOf(strict) } });
  open.after("AdoptPolicy", { policy: strict }, "sam").when("AdoptPolicy", { policy: strict }, "sofia").thenNothing();
  open.when("AdoptPolicy", { policy: roomPolicy }, "sam").thenNothing();
});

test("a writer is ratified under a version, once", () => {
  const data = { name: "legB", version: 2, source: other };
  open.when("RatifyWriter", data, "sam").thenFacts({ stream: "writer-legB", type: "WriterRatified", data });
  open.after("RatifyWriter", data, "sam").when("RatifyWriter", data, "sam").thenNothing();
  open.when("RatifyWriter", { name: "legB", version: 1, source: source("legB") }, "sam").thenNothing();
});

test("a ratified writer never changes: another source under its name and version is refused", () => {
  open
    .when("RatifyWriter", { name: "legB", version: 1, source: other }, "sam")
    .thenRefused("WRITER_CHANGED", { writer: "legB", version: 1, ratified: source("legB"), given: other });
});

test("an older version is not ratified over a newer one", () => {
  open
    .after("RatifyWriter", { name: "legB", version: 3, source: other }, "sam")
    .when("RatifyWriter", { name: "legB", version: 2, source: other }, "sam")
    .thenRefused("WRITER_OLDER", { writer: "legB", version: 2, inForce: 3 });
});

test("a retired writer is retired for good, and with its source: the one before it is in force again", () => {
  const data = { name: "legB", version: 1, reason: "Counts wrongly." };
  open
    .when("RetireWriter", data, "sam")
    .thenFacts({ stream: "writer-legB", type: "WriterRetired", data: { ...data, source: source("legB") } });
  const retired = open.after("RetireWriter", data, "sam");
  retired.when("RetireWriter", data, "sam").thenNothing();
  retired
    .when("RatifyWriter", { name: "legB", version: 1, source: source("legB") }, "sam")
    .thenRefused("WRITER_RETIRED", { writer: "legB", version: 1 });
  retired
    .when("RatifyWriter", { name: "legB", version: 1, source: other }, "sam")
    .thenRefused("WRITER_CHANGED", { writer: "legB", version: 1, ratified: source("legB"), given: other });
  open
    .when("RetireWriter", { name: "legB", version: 7, reason: "?" }, "sam")
    .thenRefused("WRITER_NOT_RATIFIED", { writer: "legB", version: 7 });
});

test("no record without a ratified writer", () => {
  until("cut")
    .after("RetireWriter", { name: "legB", version: 1, reason: "Counts wrongly." }, "sam")
    .when("RecordLegB", { run }, "wanda")
    .thenRefused("WRITER_NOT_RATIFIED", { writer: "legB" });
});

test("no record by a writer this program does not carry byte for byte", () => {
  const newer = until("cut").after("RatifyWriter", { name: "legB", version: 2, source: other }, "sam");
  newer
    .when("RecordLegB", { run }, "wanda")
    .thenRefused("WRITER_NOT_PINNED", { writer: "legB", version: 2, ratified: other, here: null });
  newer
    .after("RetireWriter", { name: "legB", version: 2, reason: "Not carried by this program." }, "sam")
    .after("RecordLegB", { run }, "wanda");
  // A writer whose source on the ledger is not that of the file: the ledger of another build.
  const { facts } = until("recorded");
  const swapped = facts.map((fact) =>
    fact.type === "WriterRatified" && fact.data["name"] === "verify"
      ? { ...fact, data: { ...fact.data, source: other } }
      : fact,
  );
  until("recorded")
    .retold(swapped)
    .when("RecordVerify", { run }, "vera")
    .thenRefused("WRITER_NOT_PINNED", { writer: "verify", version: 1, ratified: other, here: source("verify") });
});

test("every writer the way back needs is asked for before the cut", () => {
  for (const name of ["legB", "verify", "compensationB", "verifyCompensation"])
    until("planned")
      .after("RetireWriter", { name, version: 1, reason: "Gone." }, "sam")
      .when("DryRun", { run, nonMutation: untouched }, "olga")
      .thenRefused("WRITER_NOT_RATIFIED", { writer: name });
});

test.run();
