// `run prove`: what is shown and recorded of a proof, and the first mistakes.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { proofReport } from "../../../src/events/proof.js";
import { withCli } from "../withCli.js";

const prove = suite("cli: run prove");

prove("a plan is proven to write nothing, and recorded by an operator; replay passes over it", () =>
  withCli(async ({ iu, json }) => {
    await iu(["init"]);
    await iu(["document", "add", "charter.md", "--title", "Charter"]);
    await iu(["run", "open", "Charter"]);
    const { runs } = await json<{ runs: { run: string }[] }>("run", "list");
    const run = runs[0]?.run ?? "";
    const nobody = await iu(["run", "prove", run, "--operation", "plan"]);
    assert.equal([nobody.exit, /SIGNER_MISSING/.test(nobody.err)], [3, true]);
    await iu(["principal", "add", "otto", "--kind", "human", "--role", "operator"]);
    const early = await iu(["run", "prove", run, "--operation", "verify"]);
    assert.equal([early.exit, /RUN_PHASE|phase|code [A-Z_]+/.test(early.err)], [1, true]);
    const odd = await iu(["run", "prove", run, "--operation", "cut"]);
    assert.equal([odd.exit, /OPERATION_UNKNOWN/.test(odd.err)], [2, true]);
    await iu(["run", "assess", run]);
    const { exit, out } = await iu(["run", "prove", run, "--operation", "plan"]);
    assert.is(exit, 0, out);
    for (const words of [
      /✓ Proof of plan: PASS {2}signed by otto/,
      /ProofRecorded +plan PASS: nothing was written/,
      /✓ nothing was written: ledger size and root, \d+ tables with [\d,]+ rows, schema compared/,
      /before \d+ events, 0 units, 0 versions, 0 lifecycle entries/,
      /✓ it read through a connection that may only read, and came to 1 fact that nobody recorded/,
      /✓ changes made on purpose were noticed/,
    ])
      assert.match(out, words);
    const shown = await json("run", "prove", run, "--operation", "plan", "--no-record");
    assert.is(proofReport.parse(shown).verdict, "PASS");
    const listed = await iu(["events", "--run", run]);
    assert.match(listed.out, "ProofRecorded");
    assert.is((await iu(["replay"])).exit, 0);
  }),
);

prove.run();
