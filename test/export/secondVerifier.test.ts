/**
 * Two verifiers that share no code, against each other: the one in `bin/verify-export.mjs`, and this program's own (the folder checked, imported,
 * replayed). Exports are damaged in many ways, at random and on purpose; where one of them passes what the other does not, one has a bug.
 */
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { redactionSubject } from "../../commands/redaction.js";
import { canonicalBytes, sha256Hex } from "../../src/events/canonical.js";
import { checkFolder } from "../../src/export/checkFolder.js";
import { ExportError } from "../../src/export/ExportError.js";
import { exportFiles } from "../../src/export/exportFiles.js";
import { importFolder } from "../../src/export/importFolder.js";
import { writeFolder } from "../../src/export/writeFolder.js";
import { generateSigner, publicKeyOf } from "../../src/keys/Signer.js";
import { signCommand } from "../../src/keys/signCommand.js";
import { type Store, type StoredCommand, type StoredEvent, StoreError } from "../../src/ledger/Store.js";
import { replay } from "../../src/replay/replay.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { formatVkey } from "../../src/tlog/noteKey.js";
import { signCheckpoint } from "../../src/tlog/signedCheckpoint.js";
import { edited, fixHead, type OpenedUp, openedUpInMemory, parsed, rechained, renumbered } from "../replay/openedUp.js";
import { type GovernedLedger, governedRun } from "../support/governedRun.js";
import { projectFile } from "../support/project.js";
import { holdsAsync } from "../support/property.js";
import { withTempDir } from "../support/withTempDir.js";
import { signerOf } from "../tlog/keys.js";

interface Report {
  readonly verdict: "PASS" | "FAIL";
  readonly size: number | null;
  readonly root: string | null;
  readonly checks: readonly {
    readonly name: string;
    readonly verdict: string;
    readonly findings: readonly string[];
    readonly note: string | null;
  }[];
}
interface Means {
  readonly vkey?: string;
  readonly rootKey?: string;
  readonly checkpoints?: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

const script = projectFile("bin", "verify-export.mjs");
const { verifyExport } = (await import(pathToFileURL(script).href)) as {
  verifyExport(folder: string, means?: Means): Report;
};
const test = suite("second verifier");
const origin = "ledger.example/room";
const logKey = signerOf(origin);
const vkey = formatVkey(logKey);

/** An enacted run, an adopted log key, a redaction carried out, a refusal that names a content that never was; two bundles of events. */
async function tell(): Promise<GovernedLedger> {
  const governed = await governedRun({ until: "enacted" });
  await governed.done("AdoptLogKey", { vkey }, "ada");
  const nowhere = "5a".repeat(32);
  const document = governed.newId();
  await governed.submit("RegisterDocument", { document, title: "Odd", source: null, content: nowhere }, "carl");
  const secret = await governed.putContent(Buffer.from("# Secret\n\nErased.\n"));
  const other = governed.newId();
  await governed.done("RegisterDocument", { document: other, title: "Secret", source: null, content: secret }, "carl");
  const operator = generateSigner("opal");
  const key = publicKeyOf(operator.privateKey);
  const opal = {
    principal: "opal",
    kind: "human",
    name: "Opal",
    roles: ["operator" as const],
    responsible: "opal",
    key,
  };
  await governed.done("RegisterPrincipal", { ...opal, kind: "human" }, "ada");
  const redaction = governed.newId();
  const asked = { redaction, contents: [secret], reason: "A court said so." };
  await governed.done("RequestRedaction", asked, "carl");
  const subject = redactionSubject(asked);
  await governed.done("RuleRedaction", { redaction, outcome: "approved", subject, reason: "It did." }, "bela");
  const frame = { id: governed.newId(), ledger: governed.id, at: governed.now() };
  const result = await governed.ledger.submit(signCommand("RedactContent", { redaction }, frame, operator));
  assert.is(result.kind, "committed", JSON.stringify(result));
  await governed.store.content.erase(secret);
  await governed.done(
    "RotateKey",
    { principal: "opal", key: publicKeyOf(generateSigner("opal").privateKey), retires: [key.keyid] },
    "ada",
  );
  while ((await governed.store.head()).size < 262)
    await governed.done("DisarmExecution", { run: null, reason: "to be sure" }, "otto");
  return governed;
}

let told: Promise<GovernedLedger> | undefined;
const story = () => {
  told ??= tell();
  return told;
};

async function checkpointOf(store: Store): Promise<Uint8Array> {
  const { size, root } = await store.head();
  return signCheckpoint({ origin, size, root: Buffer.from(root, "hex") }, logKey);
}

async function exported(store: Store, folder: string): Promise<void> {
  await writeFolder(folder, exportFiles(store, { checkpoint: await checkpointOf(store) }));
}

/** What this program says: the folder checked, made a ledger of again, and replayed; or the first thing that is wrong. */
async function firstSays(folder: string, head: { size: number; root: string }): Promise<string | null> {
  const store = memoryStore();
  try {
    await checkFolder(folder);
    await importFolder(folder, store);
  } catch (error) {
    if (error instanceof ExportError || error instanceof StoreError || error instanceof RangeError)
      return error.message;
    throw error;
  }
  const { checks } = await replay(store, { knownHeads: [{ ...head, from: "outside" }] });
  const failed = checks.find(({ verdict }) => verdict === "FAIL");
  return failed === undefined ? null : `${failed.name}: ${failed.findings[0]?.message}`;
}

function secondSays(folder: string, checkpoint: Uint8Array): string | null {
  const { verdict, checks } = verifyExport(folder, { vkey, checkpoints: [{ name: "outside", bytes: checkpoint }] });
  const failed = checks.find((one) => one.verdict === "FAIL");
  assert.is(verdict === "FAIL", failed !== undefined);
  return failed === undefined ? null : `${failed.name}: ${failed.findings[0]}`;
}

/** Both say the same of what somebody has done to the export. */
async function agree(folder: string, known: Known, what: string, good = false): Promise<void> {
  const first = await firstSays(folder, known.head);
  const second = secondSays(folder, known.checkpoint);
  assert.equal([first === null, second === null], [good, good], `${what}\nfirst:  ${first}\nsecond: ${second}`);
}

interface Known {
  readonly head: { readonly size: number; readonly root: string };
  readonly checkpoint: Uint8Array;
}

async function known(store: Store): Promise<Known> {
  return { head: await store.head(), checkpoint: await checkpointOf(store) };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Makes the manifest agree with the line files and the checkpoint as they are now. */
function fixManifest(folder: string, change: (manifest: Record<string, unknown>) => void = () => undefined): void {
  const path = join(folder, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8")) as { files: Record<string, string> };
  for (const name of Object.keys(manifest.files)) manifest.files[name] = sha256Hex(readFileSync(join(folder, name)));
  change(manifest);
  writeFileSync(path, canonicalBytes(manifest as never));
}

test("an export of everything passes both, with the same size and root", () =>
  withTempDir(async (dir) => {
    const { store } = await story();
    const folder = join(dir, "export");
    await exported(store, folder);
    await agree(folder, await known(store), "as it was written", true);
    const report = verifyExport(folder, { vkey });
    assert.equal({ size: report.size, root: report.root }, await store.head());
    for (const { name, verdict } of report.checks) assert.is(verdict, "PASS", name);
  }));

test("any byte changed, any file cut short, gone, swapped or too many: both find it", () =>
  withTempDir(async (dir) => {
    const { store } = await story();
    const [whole, folder] = [join(dir, "whole"), join(dir, "folder")];
    await exported(store, whole);
    const expected = await known(store);
    const files = filesIn(whole).map((path) => path.slice(whole.length));
    const anyFile = fc.constantFrom(...files);
    const law = fc.asyncProperty(
      anyFile,
      anyFile,
      fc.constantFrom("flip", "flip", "flip", "cut", "gone", "swap", "more", "link"),
      fc.nat(),
      fc.nat(7),
      async (one, other, how, place, bit) => {
        rmSync(folder, { recursive: true, force: true });
        cpSync(whole, folder, { recursive: true });
        const path = join(folder, one);
        const bytes = readFileSync(path);
        const at = place % bytes.length;
        if (how === "flip")
          writeFileSync(
            path,
            bytes.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte)),
          );
        if (how === "cut") writeFileSync(path, bytes.subarray(0, at));
        if (how === "gone") rmSync(path);
        if (how === "more") writeFileSync(`${path}.old`, bytes);
        if (how === "link") {
          renameSync(path, join(dir, "elsewhere"));
          symlinkSync(join(dir, "elsewhere"), path);
        }
        if (how === "swap") {
          if (readFileSync(join(folder, other)).equals(bytes)) return;
          writeFileSync(path, readFileSync(join(folder, other)));
          writeFileSync(join(folder, other), bytes);
        }
        await agree(folder, expected, `${how} ${one}${how === "swap" ? ` ${other}` : ""} at ${at}, bit ${bit}`);
      },
    );
    await holdsAsync(law, 40);
  }));

/** Rewrites of history: by somebody who makes all that follows fit, and who has no key. */
const rewrites: Readonly<Record<string, (ledger: OpenedUp, events: StoredEvent[]) => StoredEvent[]>> = {
  "the last event cut off": (_, events) => events.slice(0, -1),
  "an event left out": (_, events) => renumbered(events.filter(({ position }) => position !== 40)),
  "an event twice": (_, events) => renumbered([...events.slice(0, 41), ...events.slice(40)]),
  "two events in each other's place": (_, events) =>
    renumbered(
      events.map((event, i) =>
        i === 60 ? (events[61] as StoredEvent) : i === 61 ? (events[60] as StoredEvent) : event,
      ),
    ),
  "another actor": (_, events) =>
    events.map((event, i) => (i === 30 ? edited(event, (one) => Object.assign(one, { actor: "vera" })) : event)),
  "another time": (_, events) =>
    events.map((event, i) =>
      i === 30 ? edited(event, (one) => Object.assign(one, { time: "2026-01-05T08:00:00.000Z" })) : event,
    ),
  "another id": (_, events) =>
    events.map((event, i) =>
      i === 30 ? edited(event, (one) => Object.assign(one, { id: "00000000-0000-4000-8000-000000000001" })) : event,
    ),
  "another commitment of a unit": (_, events) => {
    const at = events.findIndex((event) => parsed(event).type === "UnitCut");
    return events.map((event, i) =>
      i === at ? edited(event, ({ data }) => Object.assign(data, { raw: "00".repeat(32) })) : event,
    );
  },
  "a redaction that never was": (_, events) => events.filter((event) => parsed(event).type !== "ContentRedacted"),
};

for (const [name, rewrite] of Object.entries(rewrites)) {
  for (const fits of [false, true]) {
    test(`${name}${fits ? ", the chain made to fit" : ""}: both find it, with the checkpoint of before`, () =>
      withTempDir(async (dir) => {
        const { store } = await story();
        const expected = await known(store);
        const ledger = await openedUpInMemory(store);
        const events = rewrite(ledger, await ledger.events());
        await ledger.setEvents(fits ? rechained(renumbered(events)) : renumbered(events));
        await fixHead(ledger);
        const folder = join(dir, "export");
        await exported(ledger.store, folder);
        await agree(folder, expected, name);
      }));
  }
}

test("a command's envelope, its manifest made to fit: signature, key and content of it are seen by both", () =>
  withTempDir(async (dir) => {
    const { store } = await story();
    const [whole, folder] = [join(dir, "whole"), join(dir, "folder")];
    await exported(store, whole);
    const expected = await known(store);
    const lines = readFileSync(join(whole, "commands.ndjson"), "utf8").trimEnd().split("\n");
    const edits: Readonly<Record<string, (line: Record<string, unknown>) => void>> = {
      signature(line) {
        const envelope = JSON.parse(Buffer.from(line["envelope"] as string, "base64").toString());
        const bytes = Buffer.from(envelope.signatures[0].sig, "base64");
        bytes[10] = (bytes[10] as number) ^ 1;
        envelope.signatures[0].sig = bytes.toString("base64");
        line["envelope"] = Buffer.from(canonicalBytes(envelope)).toString("base64");
      },
      "white space": (line) => {
        line["envelope"] = Buffer.from(` ${Buffer.from(line["envelope"] as string, "base64")}`).toString("base64");
      },
      id: (line) => Object.assign(line, { id: "00000000-0000-4000-8000-000000000002" }),
      parts: (line) => Object.assign(line, { parts: [{ ...(line["parts"] as object[])[0], count: 77 }] }),
      "last part": (line) =>
        Object.assign(line, { parts: [...(line["parts"] as object[]), ...(line["parts"] as object[])] }),
    };
    for (const [what, edit] of Object.entries(edits)) {
      rmSync(folder, { recursive: true, force: true });
      cpSync(whole, folder, { recursive: true });
      const changed = lines.map((line, i) => {
        const parsedLine = JSON.parse(line) as Record<string, unknown>;
        if (i === 12) edit(parsedLine);
        return Buffer.from(canonicalBytes(parsedLine as never)).toString();
      });
      writeFileSync(join(folder, "commands.ndjson"), `${changed.join("\n")}\n`);
      fixManifest(folder);
      await agree(folder, expected, what);
    }
  }));

test("a signed command carried out twice, beyond the newest checkpoint: both find it; what is beyond it is counted", () =>
  withTempDir(async (dir) => {
    const { store } = await story();
    const expected = await known(store);
    const [ledger, folder] = [await openedUpInMemory(store), join(dir, "export")];
    const [commands, events] = [await ledger.commands(), await ledger.events()];
    const [again, last] = [commands.at(-1) as StoredCommand, events.at(-1) as StoredEvent];
    const revision = last.revision + 1;
    const appended = edited({ ...last, revision }, (one) => Object.assign(one, { revision }));
    await ledger.setEvents(rechained(renumbered([...events, appended])));
    await ledger.setCommands([...commands, { ...again, parts: [{ position: events.length, count: 1, last: true }] }]);
    await fixHead(ledger);
    await writeFolder(folder, exportFiles(ledger.store, {}));
    assert.match((await firstSays(folder, expected.head)) ?? "", /has command [0-9a-f-]+ twice/);
    const { checks } = verifyExport(folder, { vkey, checkpoints: [{ name: "outside", bytes: expected.checkpoint }] });
    assert.match(checks[0]?.findings[0] ?? "", /line \d+: command [0-9a-f-]+ stands here a second time/);
    assert.is(checks.at(-1)?.note, "1 event stands beyond it: nothing outside vouches for them");
  }));

test("a content that is said to be absent, without an event that says why: both find it", () =>
  withTempDir(async (dir) => {
    const { store, state, runId } = (await story()) as GovernedLedger & { runId: string };
    const folder = join(dir, "export");
    await exported(store, folder);
    const expected = await known(store);
    const { content } = await state(runId);
    rmSync(join(folder, "content", content));
    const path = join(folder, "contents.ndjson");
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    const changed = lines.map((line) => {
      const said = JSON.parse(line) as { commitment: string; length: number | null };
      return Buffer.from(
        canonicalBytes({ ...said, length: said.commitment === content ? null : said.length }),
      ).toString();
    });
    writeFileSync(path, `${changed.join("\n")}\n`);
    fixManifest(folder, (manifest) => {
      const { present, absent } = manifest["contents"] as { present: number; absent: number };
      manifest["contents"] = { present: present - 1, absent: absent + 1 };
    });
    await agree(folder, expected, "absent");
  }));

test("a checkpoint of another key, of another log or of another history is none", () =>
  withTempDir(async (dir) => {
    const { store } = await story();
    const folder = join(dir, "export");
    await exported(store, folder);
    const { size, root } = await store.head();
    const bytes = Buffer.from(root, "hex");
    const says = (checkpoint: Uint8Array) =>
      verifyExport(folder, { vkey, checkpoints: [{ name: "other", bytes: checkpoint }] }).checks.find(
        ({ name }) => name === "checkpoint",
      )?.findings[0] ?? "";
    assert.match(
      says(signCheckpoint({ origin, size, root: bytes }, signerOf(origin, "other"))),
      /is not signed by|does not verify/,
    );
    assert.match(
      says(signCheckpoint({ origin: "other.example/log", size, root: bytes }, signerOf("other.example/log"))),
      /it is of other/,
    );
    assert.match(says(signCheckpoint({ origin, size: size + 1, root: bytes }, logKey)), /of size \d+; this export has/);
    assert.match(says(signCheckpoint({ origin, size: size - 1, root: bytes }, logKey)), /another root at size/);
    assert.is(says(signCheckpoint({ origin, size, root: bytes }, logKey)), "");
  }));

test("as a program: its words, its exit codes, and no command to a terminal", () =>
  withTempDir(async (dir) => {
    const { store } = await story();
    const folder = join(dir, "export");
    await exported(store, folder);
    const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
    const good = run(folder, "--vkey", vkey);
    assert.is(good.status, 0, good.stdout + good.stderr);
    assert.match(good.stdout, /^files {7}PASS[\s\S]*\nPASS: \d+ events, root [0-9a-f]{64}\n$/);
    assert.is(run(folder, "--root-key", "0".repeat(16)).status, 1);
    writeFileSync(join(folder, "tile", "\u001b]0;owned\u0007"), "");
    const bad = run(folder);
    assert.is(bad.status, 1);
    assert.not.ok(bad.stdout.includes("\u001b"));
    assert.is(run(join(dir, "nowhere")).status, 3);
    assert.is(run().status, 2);
    assert.match(run(folder, "--what").stderr, /usage: /);
  }));

test("it shares no code: Node's own modules and nothing else", () => {
  const imports = [...readFileSync(script, "utf8").matchAll(/\bfrom "([^"]+)"|import\(/g)].map(
    ([, from]) => from ?? "?",
  );
  assert.ok(imports.length > 0 && imports.every((from) => from.startsWith("node:")), imports.join(", "));
});

test.run();
