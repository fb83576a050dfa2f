/** Trust policies: how they are written, what they ask for, and what a checkpoint has to show. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatVkey } from "../../src/tlog/noteKey.js";
import { evaluatePolicy, formatPolicy, parsePolicy, policySizeMax } from "../../src/tlog/policy.js";
import { cosignCheckpoint, signCheckpoint } from "../../src/tlog/signedCheckpoint.js";
import { TlogError } from "../../src/tlog/TlogError.js";
import { hashLeaf } from "../../src/tlog/tree.js";
import { holds } from "../support/property.js";
import { damaged, signerOf, witnessOf } from "./keys.js";

const test = suite("trust policies");
const origin = "ledger.example/acme";
const log = signerOf(origin);
const names = ["X1", "X2", "X3", "Y1", "Y2", "Y3"];
const witnesses = names.map((name) => witnessOf(`${name.toLowerCase()}.example`));
const checkpoint = { origin, size: 7, root: hashLeaf(Buffer.from("root")) };

const example = [
  "# who is trusted",
  `log ${formatVkey(log)} https://ledger.example/`,
  "",
  ...names.map((name, i) => `\twitness  ${name} ${formatVkey(witnesses[i]!)} `),
  "group X-witnesses 2 X1 X2 X3",
  "group Y-witnesses any Y1 Y2 Y3",
  "   # both",
  "group X-and-Y all X-witnesses Y-witnesses",
  "quorum X-and-Y",
  "",
].join("\n");
const parse = (text: string) => parsePolicy(Buffer.from(text));
const refusal = (text: string | Uint8Array) => {
  try {
    parsePolicy(typeof text === "string" ? Buffer.from(text) : text);
  } catch (error) {
    return error instanceof TlogError ? `${error.code} ${error.message}` : String(error);
  }
  return "read";
};

/** The checkpoint cosigned by the witnesses of those names. */
const cosigned = (who: readonly string[]) =>
  who.reduce<Uint8Array>(
    (note, name) => cosignCheckpoint(note, 1000 + names.indexOf(name), witnesses[names.indexOf(name)]!),
    signCheckpoint(checkpoint, log),
  );

test("the specification's example: read, written, read again", () => {
  const policy = parse(example);
  assert.equal(
    policy.groups.map(({ name, threshold, members }) => [name, threshold, ...members]),
    [
      ["X-witnesses", 2, "X1", "X2", "X3"],
      ["Y-witnesses", 1, "Y1", "Y2", "Y3"],
      ["X-and-Y", 2, "X-witnesses", "Y-witnesses"],
    ],
  );
  assert.is(policy.quorum, "X-and-Y");
  assert.equal(
    policy.logs.map(({ url }) => url),
    ["https://ledger.example/"],
  );
  const written = formatPolicy(policy);
  assert.equal(formatPolicy(parsePolicy(written)), written);
});

test("law: of every set of witnesses, exactly those count that the quorum asks for", () => {
  const policy = parse(example);
  for (let set = 0; set < 64; set++) {
    const who = names.filter((_, i) => (set >> i) & 1);
    const enough = who.filter((name) => name.startsWith("X")).length >= 2 && who.some((name) => name.startsWith("Y"));
    const verdict = evaluatePolicy(policy, cosigned(who));
    assert.is(verdict.ok, enough, who.join(" "));
    if (verdict.ok)
      assert.equal(
        verdict.witnessed,
        who.map((name) => ({ name, timeS: 1000 + names.indexOf(name) })),
      );
  }
});

test("quorum none, one witness, no logs", () => {
  const vkey = formatVkey(log);
  const [x1] = witnesses;
  assert.ok(evaluatePolicy(parse(`log ${vkey}\nquorum none\n`), cosigned([])).ok);
  const one = parse(`log ${vkey}\nwitness X1 ${formatVkey(x1!)}\nquorum X1\n`);
  assert.ok(evaluatePolicy(one, cosigned(["X1"])).ok);
  const verdict = evaluatePolicy(one, cosigned(["X2"]));
  assert.is(verdict.ok ? "" : verdict.why, "the quorum X1 is not met: witnessed by nobody, 0 of 1");
  assert.equal(parse("quorum none\n"), { logs: [], witnesses: [], groups: [], quorum: null });
  assert.not.ok(evaluatePolicy(parse("quorum none\n"), cosigned([])).ok);
});

test("only a log of the policy under its own name; no damage anywhere", () => {
  const policy = parse(`log ${formatVkey(log)}\nlog ${formatVkey(signerOf("other.example"))}\nquorum none\n`);
  // The other log's key over our origin is no checkpoint of either.
  const forged = signCheckpoint(checkpoint, { ...signerOf("other.example"), name: origin });
  assert.not.ok(evaluatePolicy(policy, forged).ok);
  assert.not.ok(evaluatePolicy(policy, Buffer.from("nonsense")).ok);
  const strict = parse(`log ${formatVkey(log)}\nwitness X1 ${formatVkey(witnesses[0]!)}\nquorum X1\n`);
  for (const [what, bad] of damaged(cosigned(["X1"]))) assert.not.ok(evaluatePolicy(strict, bad).ok, what);
});

test("names are bytes: two ways to write one letter are two names; key names are UTF-8", () => {
  const key = formatVkey(witnessOf("Đ.example"));
  const policy = parse(`witness K ${formatVkey(witnesses[0]!)}\nwitness \u212a ${key}\ngroup g 2 K \u212a\nquorum g\n`);
  assert.equal(
    policy.witnesses.map(({ key: { name } }) => name),
    ["x1.example", "Đ.example"],
  );
  assert.is(policy.witnesses[1]?.name, "\u00e2\u0084\u00aa");
  assert.equal(formatPolicy(parsePolicy(formatPolicy(policy))), formatPolicy(policy));
  assert.is(refusal(Buffer.concat([Buffer.from("# "), Buffer.of(0xff, 0x80), Buffer.from("\nquorum none\n")])), "read");
});

test("every mistake is refused with the number of its line", () => {
  const [a, b] = witnesses.map(formatVkey) as [string, string];
  const l = formatVkey(log);
  const sameKey = formatVkey(signerOf("another.example", origin));
  const mistakes: [string, RegExp][] = [
    ["", /no quorum line/],
    ["# only a comment\n", /no quorum line/],
    ["quorum none", /line 1: .*newline/],
    ["quorum none\nquorum none\n", /line 2: .*second quorum/],
    ["quorum\n", /line 1: .*quorum <name>/],
    ["quorum a b\n", /line 1: .*quorum <name>/],
    ["quorum nobody\n", /line 1: .*nobody is not defined/],
    [`quorum a\nwitness a ${a}\n`, /line 1: .*not defined on a line before/],
    ["witnes a b\n", /line 1: .*witnes is none of/],
    ["log\n", /line 1: .*log <vkey>/],
    [`log ${l} url more\n`, /line 1/],
    [`log ${l}\nlog ${sameKey}\n`, /line 2: .*there already/],
    [`log ${a}\n`, /line 1: .*type 0x01/],
    [`log ${l.slice(0, -1)}\n`, /line 1: .*not a vkey/],
    [`witness a ${l}\n`, /line 1: .*type 0x04/],
    [`witness none ${a}\n`, /line 1: .*none/],
    [`witness a ${a}\nwitness a ${b}\n`, /line 2: .*defined twice/],
    [`witness a ${a}\nwitness b ${a}\n`, /line 2: .*there already/],
    [`witness a ${a}\ngroup a any a\n`, /line 2: .*defined twice/],
    [`witness a ${a}\ngroup g any g\n`, /line 2: .*g is not defined/],
    [`witness a ${a}\ngroup g any none\n`, /line 2: .*none is not defined/],
    [`witness a ${a}\ngroup g any\n`, /line 2: .*group <name>/],
    [`witness a ${a}\ngroup g any a a\n`, /line 2: .*twice in group/],
    [`witness a ${a}\nwitness b ${b}\ngroup g any a\ngroup h any a b\n`, /line 4: .*another group/],
    ...["0", "2", "01", "-1", "1.0", "some", "1e0"].map((many): [string, RegExp] => [
      `witness a ${a}\ngroup g ${many} a\n`,
      /line 2: .*all, any or 1 to 1/,
    ]),
    ["quorum none\r\n", /line 1: .*control character/],
    ["# \u0000\nquorum none\n", /line 1: .*control character/],
    ["# \u007f\nquorum none\n", /line 1: .*control character/],
  ];
  for (const [text, message] of mistakes) assert.match(refusal(text), message, text);
  assert.match(refusal(`witness a x+00000000+${Buffer.alloc(1313, 6).toString("base64")}\n`), /^UNSUPPORTED line 1/);
  assert.match(refusal(Buffer.alloc(policySizeMax + 1, 35)), /^OUT_OF_RANGE/);
});

test("law: no text makes the parser throw anything but its own refusal", () => {
  const word = fc.constantFrom("log", "witness", "group", "quorum", "none", "a", "b", "any", "all", "1", "#", "\t", "");
  const line = fc.array(fc.oneof(word, fc.constantFrom(...witnesses.map(formatVkey))), { maxLength: 5 });
  holds(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const text = lines.map((words) => `${words.join(" ")}\n`).join("");
      assert.match(refusal(text), /^(?:read|MALFORMED|UNSUPPORTED)/, text);
    }),
    200,
  );
});

test("32 logs, 32 witnesses and 32 groups are read", () => {
  const many = Array.from({ length: 32 }, (_, i) => i);
  const text = [
    ...many.map((i) => `log ${formatVkey(signerOf(`log${i}.example`))}`),
    ...many.map((i) => `witness w${i} ${formatVkey(witnessOf(`w${i}.example`))}`),
    ...many.map((i) => `group g${i} 1 w${i}${i > 0 ? ` g${i - 1}` : ""}`),
    "quorum g31",
    "",
  ].join("\n");
  assert.is(parse(text).groups.length, 32);
});

test.run();
