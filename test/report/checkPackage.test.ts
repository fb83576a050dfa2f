// A package is checked by somebody who has nothing else: what was signed, what it is rendered to, and every way of changing either.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { canonicalBytes, canonicalText } from "../../src/events/canonical.js";
import { sealEnvelope } from "../../src/events/dsse.js";
import { type CheckedPackage, checkPackage } from "../../src/report/checkPackage.js";
import { checkStatement } from "../../src/report/checkStatement.js";
import { documentNames, renderPackage, statementFile } from "../../src/report/render/renderPackage.js";
import { type Statement, statementPayloadType } from "../../src/report/Statement.js";
import { sealStatement } from "../../src/report/sealStatement.js";
import { signerOfName } from "../support/governedRun.js";
import { projectFile } from "../support/project.js";
import { holds } from "../support/property.js";
import { reportedRun, reportOn } from "./reported.js";

const check = suite("report: checkPackage");

const signer = signerOfName("rhea");
let made: Statement | undefined;

/** The statement of an enacted run; derived once, the tests change copies. */
async function statement(): Promise<Statement> {
  if (made === undefined) {
    const reported = await reportedRun();
    made = await reportOn(reported, reported.store, reported.runId);
  }
  return structuredClone(made);
}

function besideOf(of: Statement): Map<string, Uint8Array> {
  return new Map(renderPackage(of).map(({ name, text }) => [name, Buffer.from(text)]));
}

function checked(
  bytes: Uint8Array,
  beside: ReadonlyMap<string, Uint8Array> = new Map(),
  options: Partial<Parameters<typeof checkPackage>[0]> = {},
): CheckedPackage {
  return checkPackage({ file: statementFile, bytes, beside, whole: false, ...options });
}

/** What is found in a statement that was changed and signed again by its signer: a liar with the key. */
async function contradictions(change: (changed: Statement) => void): Promise<string> {
  const changed = await statement();
  change(changed);
  const { findings } = checked(sealStatement(changed, signer));
  return findings.map(({ code, what }) => `${code} ${what}`).join("\n");
}

check("a package as it was written holds", async () => {
  const of = await statement();
  const found = checked(sealStatement(of, signer), besideOf(of), { whole: true, pinned: { keyid: signer.keyid } });
  assert.equal(found.findings, []);
  assert.equal([found.verdict, found.compared, found.documents, found.key?.pinned], ["PASS", 11, 11, true]);
  assert.is(canonicalText(found.statement), canonicalText(of));
});

check("the documents of an enacted run read as they did", async () => {
  const folder = projectFile("test", "report", "golden");
  const masked = (text: string) =>
    text.replace(/[0-9a-f]{64}/g, (hex) => "·".repeat(hex.length)).replace(/[0-9a-f]{12}…/g, "············…");
  if (process.env["IU_GOLDEN"] === "write") mkdirSync(folder, { recursive: true });
  for (const { name, text } of renderPackage(await statement())) {
    const path = projectFile("test", "report", "golden", name);
    if (process.env["IU_GOLDEN"] === "write") writeFileSync(path, masked(text));
    assert.ok(existsSync(path), `${name} is not there: IU_GOLDEN=write writes it, for a person to read`);
    assert.is(masked(text), readFileSync(path, "utf8"), name);
  }
  assert.equal(readdirSync(folder).sort(), [...documentNames]);
});

check("no word of the governed text is in it", async () => {
  const of = await statement();
  const all =
    canonicalText(of) +
    renderPackage(of)
      .map(({ text }) => text)
      .join("\n");
  for (const words of ["open to all", "keep quiet", "thirty days", "Whispering", "one coin"])
    assert.not.ok(all.includes(words), words);
});

check("an edited document is named, with its line; a missing one and one too many are too", async () => {
  const of = await statement();
  const bytes = sealStatement(of, signer);
  const beside = besideOf(of);
  const text = Buffer.from(beside.get("11-final-report.md") ?? []).toString();
  beside.set("11-final-report.md", Buffer.from(text.replace("NOT_RUN", "PASS")));
  beside.delete("07-cut.md");
  beside.set("12-more.md", Buffer.from("# More\n"));
  const { verdict, findings, compared } = checked(bytes, beside, { whole: true });
  assert.is(verdict, "FAIL");
  assert.equal(
    findings.map(({ file, code }) => [file, code]),
    [
      ["07-cut.md", "DOCUMENT_MISSING"],
      ["11-final-report.md", "DOCUMENT_CHANGED"],
      ["12-more.md", "DOCUMENT_FOREIGN"],
    ],
  );
  assert.is(compared, 10);
  assert.match(findings[1]?.what ?? "", /from line \d+ on/);
  const alone = checked(bytes, new Map());
  assert.equal([alone.verdict, alone.compared], ["PASS", 0]);
});

check("any byte changed in any document is found", async () => {
  const of = await statement();
  const bytes = sealStatement(of, signer);
  const documents = renderPackage(of);
  holds(
    fc.property(fc.nat(documents.length - 1), fc.nat(100_000), fc.integer({ min: 1, max: 255 }), (which, at, flip) => {
      const { name, text } = documents[which] as (typeof documents)[number];
      const changed = Buffer.from(text);
      const place = at % changed.length;
      changed[place] = (changed[place] as number) ^ flip;
      const { findings } = checked(bytes, new Map([[name, changed]]));
      assert.equal(
        findings.map(({ file }) => file),
        [name],
      );
    }),
    30,
  );
});

check("any byte changed in the signed statement is found", async () => {
  const bytes = sealStatement(await statement(), signer);
  holds(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ flip;
      assert.is(checked(changed).verdict, "FAIL");
    }),
    60,
  );
});

check(
  "another's signature, a key of one's own inside, a payload of another type, bytes that are not canonical",
  async () => {
    const of = await statement();
    const forger = signerOfName("forger");
    const codes = (bytes: Uint8Array, options: Parameters<typeof checked>[2] = {}) =>
      checked(bytes, new Map(), options).findings.map(({ code }) => code);
    assert.equal(codes(sealStatement(of, forger)), ["STATEMENT_UNREADABLE"]);
    assert.equal(codes(sealEnvelope(canonicalBytes(of), signer)), ["STATEMENT_UNREADABLE"]);
    assert.equal(codes(sealEnvelope(Buffer.from(`${canonicalText(of)} `), signer, statementPayloadType)), [
      "STATEMENT_UNREADABLE",
    ]);
    assert.equal(codes(sealEnvelope(canonicalBytes({ ...of, extra: 1 }), signer, statementPayloadType)), [
      "STATEMENT_UNREADABLE",
    ]);
    assert.equal(codes(Buffer.from("no JSON")), ["STATEMENT_UNREADABLE"]);
    const bytes = sealStatement(of, signer);
    assert.equal(codes(bytes, { pinned: { keyid: forger.keyid } }), ["KEY_OTHER"]);
    assert.equal(codes(bytes, { pinned: { public: `${"A".repeat(43)}=` } }), ["KEY_OTHER"]);
    assert.is(checked(bytes).key?.pinned, false);
  },
);

check("a statement that contradicts itself is found, though its signer signed it", async () => {
  const predicateOf = (changed: Statement) => changed.predicate;
  const tries: readonly (readonly [RegExp, (changed: Statement) => void])[] = [
    [/verdict is FAIL; its parts come to PASS/, (one) => (predicateOf(one).verdict = "FAIL")],
    [/subject.0.digest/, (one) => (predicateOf(one).ledger.root = "00".repeat(32))],
    [/asOf is before/, (one) => (predicateOf(one).asOf = "2020-01-01T00:00:00.000Z")],
    [/attestations are/, (one) => predicateOf(one).attestations.splice(3, 1)],
    [/steps are/, (one) => predicateOf(one).steps.splice(3, 1)],
    [
      /asked of this run, and said not to be/,
      (one) => Object.assign(predicateOf(one).steps[8] ?? {}, { mandatory: false }),
    ],
    [/its parts come to NOT_RUN/, (one) => Object.assign(predicateOf(one).steps[8] ?? {}, { verdict: "NOT_RUN" })],
    [/no event shows it/, (one) => Object.assign(predicateOf(one).steps[8] ?? {}, { seen: [] })],
    [/looked at 0, 0 violations/, (one) => Object.assign(predicateOf(one).attestations[0] ?? {}, { looked: 0 })],
    [
      /looked at 2, 1 violations/,
      (one) =>
        Object.assign(predicateOf(one).attestations[0] ?? {}, { violations: [{ position: 1, what: "an agent" }] }),
    ],
    [/said not to count/, (one) => Object.assign(predicateOf(one).attestations[0] ?? {}, { mandatory: false })],
    [/before is not after/, (one) => Object.assign(predicateOf(one).nonMutation[1]?.after ?? {}, { units: 4 })],
    [/control was not noticed/, (one) => Object.assign(predicateOf(one).nonMutation[1] ?? {}, { control: false })],
    [/cut.classes come to/, (one) => Object.assign(predicateOf(one).cut ?? {}, { classes: { insert: 9 } })],
    [/the cut is not as planned/, (one) => Object.assign(predicateOf(one).cut ?? {}, { recomputed: "00".repeat(32) })],
    [/no Verify passed/, (one) => Object.assign(predicateOf(one).records[1] ?? {}, { assertions: 0 })],
    [/no such gate is approved/, (one) => predicateOf(one).gates.splice(1)],
    [/the ledger ends before/, (one) => (predicateOf(one).run.opened.position = 999)],
    [/what the blocker matrix says/, (one) => (predicateOf(one).next = "pay up")],
    [/policy is not what its digest says/, (one) => (predicateOf(one).precheck.policy.policy.gateHours = 48)],
    [
      /agree with the run's HOLD/,
      (one) =>
        (predicateOf(one).run.hold = {
          position: 1,
          check: "a",
          reason: "b",
          expected: "c",
          actual: "d",
          causedBy: "e",
        }),
    ],
  ];
  for (const [words, change] of tries) assert.match(await contradictions(change), words);
  assert.equal(checkStatement(await statement()), []);
});

check.run();
