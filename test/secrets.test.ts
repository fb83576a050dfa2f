/**
 * No secret is to be seen: not in any file of the project, not in anything the command line says, on any stream, as an answer, an error, JSON or
 * with Node's own debugging on. The scanner is tried on planted secrets first: one that finds nothing finds nothing out.
 */
import { generateKeyPairSync } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { KeyError, keyNames, loadKey, openKey } from "../src/keys/keyFolder.js";
import { endOf } from "./cli/spawnCli.js";
import { withCli } from "./cli/withCli.js";
import { projectFile } from "./support/project.js";
import { leaksIn, secretsOf } from "./support/secrets.js";

const test = suite("secrets");

/** Made for a test, of a text that everyone can read: no secret. Each with the reason. */
const allowed: Readonly<Record<string, RegExp>> = {
  // URLs whose passwords must not be shown, spelt out.
  "test/cli/session/ledgerUrl.test.ts": /u:se:cr@et|:secret@/,
  "test/store/eventstore/hazards.slow.test.ts": /:[a-z0-9%]+@/,
};

const { privateKey } = generateKeyPairSync("ed25519");
const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const der = privateKey.export({ format: "der", type: "pkcs8" });
// Put together here, so that this file holds none itself.
const identity = ["AGE", "SECRET", "KEY", `1${"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".repeat(2).slice(0, 58)}`].join("-");
const url = (scheme: string, rest: string) => `${scheme}://${rest}`;

const planted: Readonly<Record<string, string>> = {
  "a key in PEM": pem,
  "a key in PEM inside a template": `const key = \`\n${pem}\``,
  "a key in DER, in hex": der.toString("hex"),
  "a key in DER, in hex capitals": der.toString("hex").toUpperCase(),
  "a key in DER, in base64": `key=${der.toString("base64")}`,
  "a key in DER, in base64url": der.toString("base64url"),
  "a key as a JWK": JSON.stringify(privateKey.export({ format: "jwk" })),
  "an age identity": `# created: today\n${identity}\n`,
  "an age identity in small letters": identity.toLowerCase(),
  "a password in a Postgres URL": url("postgres", "maria:s3cr3t-Pa55@db.example:5432/acme"),
  "a password alone in a Postgres URL": url("postgresql", ":s3cr3t@db.example/acme"),
  "a password in the query of a Postgres URL": url("postgres", "maria@db.example/acme?sslmode=require&password=s3cr3t"),
  "a password in an EventStoreDB URL": url("esdb+discover", "admin:changeit9@node1.example:2113?tls=true"),
};

for (const [name, text] of Object.entries(planted)) {
  test(`the scanner finds ${name}`, () => {
    const lines = `first\nsecond ${text} behind\nlast`;
    assert.ok(leaksIn(lines).length > 0);
    assert.ok((leaksIn(lines)[0]?.line ?? 0) >= 2);
  });
}

test("the scanner finds a seed it was told of, in hex, base64 and base64url, and nothing in what is none", () => {
  const known = secretsOf({ privateKey });
  const seed = der.subarray(-32);
  for (const encoding of ["hex", "base64", "base64url"] as const)
    assert.ok(leaksIn(`x ${seed.toString(encoding)} x`, known).length > 0, encoding);
  for (const text of [
    url("postgres", "maria@db.example/acme"),
    url("postgres", "maria:***@db.example/acme"),
    url("postgres", "user:PASSWORD@host/db"),
    url("http", "127.0.0.1:2113/streams"),
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----",
    "age1hvvzvh40amq8vwexk30ychsudm7gjytay3alnmjk7x0x5dttmfcq9juwqu",
  ])
    assert.equal(leaksIn(text), [], text);
});

/** What is stored of the project: neither what is built nor what is installed. */
function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (["node_modules", "build", ".git", ".iu-ledger"].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.isFile()) yield path;
  }
}

test("no file of the project holds a secret", () => {
  let looked = 0;
  const found: string[] = [];
  const root = projectFile();
  for (const path of files(root)) {
    looked++;
    const name = relative(root, path);
    const text = readFileSync(path, "latin1");
    for (const { what, line } of leaksIn(text)) {
      if (!(allowed[name]?.test(text.split("\n")[line - 1] ?? "") ?? false)) found.push(`${name}:${line}  ${what}`);
    }
  }
  assert.ok(looked > 300, `${looked} files were looked at`);
  assert.equal(found, []);
});

const password = "Pa55-w0rd-of-nobody";
const passphrase = "nine slow snails and a fence";

test("nothing the command line says holds a secret: answers, errors, JSON, debugging", () =>
  withCli(async ({ iu, dir }) => {
    const said: string[] = [];
    const say = async (...words: string[]) => {
      for (const form of [words, [...words, "--json"]]) said.push((await iu(form)).all);
    };
    await say("init");
    const folder = join(".iu-ledger", "keys");
    const keys = keyNames(folder).map((name) => loadKey(folder, name));
    await say("document", "add", "charter.md", "--title", "Charter");
    await say("principal", "add", "mara", "--kind", "human", "--role", "reviewer");
    await say("principal", "rotate", "editor");
    await say("principal", "list");
    await say("keys", "list");
    await say("run", "open", "Charter");
    await say("policy", "adopt", "--set", "gateHours=2");
    await say("events", "--last", "200");
    await say("replay");
    await say("readiness", "00");
    await say("--help");
    // Things that go wrong close to a secret.
    const broken = readFileSync(join(folder, "verifier.pem"), "utf8");
    writeFileSync(join(folder, "verifier.pem"), broken.slice(0, 90), { mode: 0o600 });
    await say("run", "verify", "00", "--as", "verifier");
    await say(
      "principal",
      "add",
      "ben",
      "--kind",
      "human",
      "--role",
      "reviewer",
      "--public-key",
      join(folder, "sovereign.pem"),
    );
    await say("keys", "protect", "--new-passphrase-from", passphrase);
    for (const ledger of [
      url("postgres", `maria:${password}@127.0.0.1:1/acme`),
      url("postgres", `maria@127.0.0.1:1/acme?password=${password}`),
      url("esdb", `admin:${password}@127.0.0.1:1?tls=false`),
      url("nosuch", `admin:${password}@127.0.0.1:1`),
    ]) {
      await say("events", "--ledger", ledger);
      await say("init", "--ledger", ledger, "--keys", join("elsewhere", "keys"));
    }
    for (const name of existsSync(join("elsewhere", "keys")) ? keyNames(join("elsewhere", "keys")) : [])
      keys.push(loadKey(join("elsewhere", "keys"), name));
    const debugged = { NODE_DEBUG: "fs,module,net,timer,stream,tls", DEBUG: "*", SNAILS: passphrase };
    const sealed = ["--keys", "sealed", "--ledger", "sealed.sqlite", "--passphrase-from", "env:SNAILS"];
    for (const words of [
      ["init", ...sealed],
      ["document", "add", "charter.md", ...sealed],
      ["keys", "list", ...sealed],
    ]) {
      const { code, out, err } = await endOf(dir, words, debugged);
      assert.is(code, 0, err);
      said.push(out + err);
    }
    for (const name of keyNames("sealed")) keys.push(await openKey("sealed", name, async () => passphrase));
    for (const name of keyNames(folder)) {
      try {
        keys.push(loadKey(folder, name));
      } catch (error) {
        assert.ok(error instanceof KeyError);
      }
    }
    assert.ok(keys.length >= 12, `${keys.length} keys are known`);
    const known = [...keys.flatMap(secretsOf), password, passphrase];
    for (const text of said) assert.equal(leaksIn(text, known), [], text.slice(0, 4000));
    assert.ok(said.join("").length > 20_000, "little was said");
    // The same look at what was said with one secret in it.
    assert.ok(leaksIn(`${said.join("\n")}\n${password}`, known).length > 0);
    // What is stored holds none either, but in the key files.
    const stored = readFileSync(join(".iu-ledger", "ledger.sqlite"), "latin1");
    assert.equal(leaksIn(stored, known), []);
  }));

test.run();
