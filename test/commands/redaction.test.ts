/** Redaction: asked for, ruled on by another human, carried out once, in time; what it names and nothing else. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contentCategory, redactionCategory, redactionSubject } from "../../commands/redaction.js";
import { charter, charter2, minute, uuid } from "./cast.js";
import { until } from "./history.js";
import type { Situation } from "./scenario.js";

const test = suite("redaction");
const redaction = uuid(0xeda);
const other = uuid(0xedb);
const stream = `redaction-${redaction}`;
const contents = [charter.commitment, charter2.commitment].sort();
const reason = "A court said so.";
const subject = redactionSubject({ redaction, contents, reason });

const registered = until("registered");
const asked = (here: Situation = registered) => here.after("RequestRedaction", { redaction, contents, reason }, "otto");
const ruling = { redaction, outcome: "approved" as const, subject, reason: "It did." };
const approved = (here: Situation = asked()) => here.after("RuleRedaction", ruling, "sam");

test("asked for by an operator, ruled on by a sovereign, carried out: one event for each text and one for all", () => {
  registered.when("RequestRedaction", { redaction, contents, reason }, "otto").thenFacts({
    stream,
    type: "RedactionRequested",
    data: { redaction, contents, reason, subject, requestedBy: "otto", responsible: "otto" },
  });
  asked()
    .when("RuleRedaction", ruling, { by: "sam", at: minute(600) })
    .thenFacts({
      stream,
      type: "RedactionRuled",
      data: { ...ruling, expires: minute(600 + 24 * 60), ruledBy: "sam" },
    });
  approved()
    .when("RedactContent", { redaction }, "otto")
    .thenFacts(
      ...contents.map((content) => ({
        stream: `content-${content}`,
        type: "ContentRedacted",
        data: { redaction, content },
      })),
      { stream, type: "RedactionExecuted", data: { redaction, contents: 2 } },
    );
  const done = approved().after("RedactContent", { redaction }, "otto");
  assert.ok(done.state(redactionCategory, redaction).executed);
  for (const content of contents) assert.is(done.state(contentCategory, content).redaction, redaction);
});

test("the same again changes nothing; another request under the id is refused", () => {
  asked().when("RequestRedaction", { redaction, contents, reason }, "otto").thenNothing();
  approved().when("RuleRedaction", ruling, "sam").thenNothing();
  const done = approved().after("RedactContent", { redaction }, "otto");
  done.when("RedactContent", { redaction }, "otto").thenNothing();
  const one = contents.slice(0, 1);
  asked()
    .when("RequestRedaction", { redaction, contents: one, reason }, "otto")
    .thenRefused("REDACTION_EXISTS", { redaction, contents: 2 });
  asked()
    .when("RequestRedaction", { redaction, contents, reason }, "ada")
    .thenRefused("REDACTION_EXISTS", { redaction, contents: 2 });
});

test("only what is stored can be asked for, and once", () => {
  const content = "0f".repeat(32);
  registered
    .when("RequestRedaction", { redaction, contents: [content], reason }, "otto")
    .thenRefused("CONTENT_MISSING", { content });
  const done = approved()
    .after("RedactContent", { redaction }, "otto")
    .without(...contents);
  done
    .when("RequestRedaction", { redaction: other, contents, reason }, "otto")
    .thenRefused("CONTENT_REDACTED", { content: contents[0], redaction });
});

test("two redactions of one text: whichever is first erases it, the other finds nothing left", () => {
  const one = contents.slice(0, 1);
  const also = redactionSubject({ redaction: other, contents: one, reason });
  approved(asked().after("RequestRedaction", { redaction: other, contents: one, reason }, "otto"))
    .after("RuleRedaction", { ...ruling, redaction: other, subject: also }, "sam")
    .after("RedactContent", { redaction }, "otto")
    .when("RedactContent", { redaction: other }, "otto")
    .thenFacts({
      stream: `redaction-${other}`,
      type: "RedactionExecuted",
      data: { redaction: other, contents: 0 },
    });
});

test("a ruling names what was asked, is nobody's own, and stands", () => {
  registered.when("RuleRedaction", ruling, "sam").thenRefused("REDACTION_UNKNOWN", { redaction });
  const ruled = "00".repeat(32);
  asked()
    .when("RuleRedaction", { ...ruling, subject: ruled }, "sam")
    .thenRefused("SUBJECT_MISMATCH", { redaction, ruled, requested: subject });
  registered
    .after("RequestRedaction", { redaction, contents, reason }, { by: "ada" })
    .after("RuleRedaction", ruling, "sofia");
  approved()
    .when("RuleRedaction", { ...ruling, outcome: "rejected" }, "sofia")
    .thenRefused("REDACTION_RULED", { redaction, outcome: "approved" });
  // sofia is sovereign and admin: she may ask, and then not rule.
  registered
    .after("RequestRedaction", { redaction, contents, reason }, "sofia")
    .when("RuleRedaction", ruling, "sofia")
    .thenRefused("OWN_REQUEST", { redaction, requestedBy: "sofia", responsible: "sofia" });
});

test("nothing is erased without an approval that is in time and whose ruler is in force", () => {
  registered.when("RedactContent", { redaction }, "otto").thenRefused("REDACTION_UNKNOWN", { redaction });
  asked().when("RedactContent", { redaction }, "otto").thenRefused("REDACTION_NOT_RULED", { redaction });
  asked()
    .after("RuleRedaction", { ...ruling, outcome: "rejected" }, "sam")
    .when("RedactContent", { redaction }, "otto")
    .thenRefused("REDACTION_REJECTED", { redaction });
  const late = approved();
  late
    .when(
      "RedactContent",
      { redaction },
      { by: "otto", at: new Date(Date.parse(late.now) + 25 * 3_600_000).toISOString() },
    )
    .thenRefused("REDACTION_EXPIRED", { redaction });
  approved()
    .after("RevokePrincipal", { principal: "sam", reason: "Left." }, "sofia")
    .when("RedactContent", { redaction }, "otto")
    .thenRefused("RULER_REVOKED", { redaction });
});

test("an approval cannot last beyond what can be written", () => {
  asked()
    .when("RuleRedaction", ruling, { by: "sam", at: "9999-12-31T12:00:00.000Z" })
    .thenRefused("EXPIRY_OUT_OF_RANGE", { redaction, now: "9999-12-31T12:00:00.000Z", gateHours: 24 });
});

test.run();
