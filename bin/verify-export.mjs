#!/usr/bin/env node
// A second verifier for exports of an iu-ledger: one file, Node and nothing else, sharing no line with the program that wrote the export. It is to be read
// by whoever relies on it. It reads a folder (`iu-ledger export DIR`) and checks, from the bytes up:
//
//   files        the manifest, the digests it lists, and that nothing else lies there
//   bytes        every event is canonical JSON (RFC 8785) of an event's shape, of at most 65,535 bytes
//   chain        revisions are dense in each stream, and each event names the leaf hash of the one before it there
//   tree         the leaves under RFC 6962 hashing make every tile (C2SP tlog-tiles) and the root
//   signatures   each event belongs to one signed command (DSSE, Ed25519), signed by a key that was its actor's at that position
//   content      each text is what the ledger committed to (salted SHA-256); one that is gone was erased by an event that says so
//   checkpoint   signed checkpoints (C2SP signed-note, tlog-checkpoint) are of this log: the same root at their size
//
// It does not decide commands again: who was allowed what, and what writers wrote, is the first verifier's (`iu-ledger replay`) to say.
//
//   node verify-export.mjs DIR [--vkey VKEY] [--checkpoint FILE]... [--root-key KEYID] [--json]
//
// --vkey pins the log's key, --root-key the key the ledger was opened with, --checkpoint adds one that was kept elsewhere. Exit code: 0 all of it
// holds, 1 something is wrong, 2 wrong arguments, 3 the folder cannot be read.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const sha256 = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const leafHash = (bytes) => sha256(Buffer.of(0), bytes);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
const isDigest = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const isUuid = (value) => typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
const isCount = (value) => Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const entryMax = 65_535;

/** Something that is wrong, and where. */
class Wrong extends Error {}
const wrong = (message) => {
  throw new Wrong(message);
};
const need = (holds, message) => {
  if (!holds) wrong(message);
};

// --- JSON -------------------------------------------------------------------------------------------------------------------------------

/** RFC 8785 for what events may hold: null, booleans, safe integers, well-formed strings, arrays, objects. Keys in order of UTF-16 units. */
function canonical(value, depth = 0) {
  need(depth <= 64, "nested deeper than 64");
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    need(Number.isSafeInteger(value), "a number that is no safe integer");
    return String(value);
  }
  if (typeof value === "string") {
    need(value.isWellFormed(), "half of a character");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one, depth + 1)).join(",")}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${canonical(key, depth + 1)}:${canonical(value[key], depth + 1)}`).join(",")}}`;
}

/** The value of bytes that are its canonical JSON. Twice the same key, other white space, another escape: the bytes would differ. */
function parseCanonical(bytes, what) {
  let value;
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    wrong(`${what} is not JSON in UTF-8: ${error.message}`);
  }
  try {
    need(canonical(value) === text, "it is written in another way");
  } catch (error) {
    wrong(`${what} is not canonical JSON: ${error.message}`);
  }
  return value;
}

const kinds = {
  any: () => true,
  text: (value) => typeof value === "string" && value !== "",
  flag: (value) => typeof value === "boolean",
  object: isObject,
  list: (value) => Array.isArray(value) && value.length > 0,
  count: isCount,
  positive: (value) => isCount(value) && value > 0,
  digest: isDigest,
  uuid: isUuid,
  base64: (value) => strictBase64(value) !== null,
  type: (value) => /^[A-Z][A-Za-z]+$/.test(value),
  stream: (value) => /^[a-z]+-[A-Za-z0-9._-]+$/.test(value),
  instant: (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value),
};

/** That an object has exactly these members: `id:uuid cause:uuid?`, where a question mark lets null pass. */
function shaped(value, what, members) {
  need(isObject(value), `${what} is no object`);
  const expected = members.split(" ").map((one) => one.split(":"));
  const names = Object.keys(value).sort().join(", ");
  const wanted = expected.map(([name]) => name).sort();
  need(names === wanted.join(", "), `${what} has the members ${names || "none"}; expected ${wanted.join(", ")}`);
  for (const [name, kind] of expected) {
    const holds = kind.endsWith("?")
      ? value[name] === null || kinds[kind.slice(0, -1)](value[name])
      : kinds[kind](value[name]);
    need(holds, `${what}.${name} is no ${kind}`);
  }
  return value;
}

function strictBase64(text) {
  if (typeof text !== "string") return null;
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : null;
}

// --- keys and signatures ----------------------------------------------------------------------------------------------------------------

const spki = Buffer.from("302a300506032b6570032100", "hex");
const publicKeys = new Map();

/** An Ed25519 key of 32 raw bytes. */
function publicKey(raw) {
  const name = hex(raw);
  if (!publicKeys.has(name))
    publicKeys.set(name, createPublicKey({ key: Buffer.concat([spki, raw]), format: "der", type: "spki" }));
  return publicKeys.get(name);
}

// The y coordinates of the points of small order, and the encodings of them that are not reduced (RFC 8032 decodes both): nobody's keys.
const smallOrder = new Set(
  [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ].flatMap((one) => {
    const bytes = Buffer.from(one, "hex");
    const other = Buffer.from(bytes);
    other[31] ^= 0x80;
    return [hex(bytes), hex(other)];
  }),
);

function signedBy(raw, message, signature) {
  if (raw.length !== 32 || signature.length !== 64 || smallOrder.has(hex(raw))) return false;
  return verify(null, message, publicKey(raw), signature);
}

/** The raw key of `{keyid, public}`, whose id must be its own. */
function keyOf(key, what) {
  shaped(key, what, "keyid:text public:base64");
  const raw = Buffer.from(key.public, "base64");
  need(hex(sha256(raw)).slice(0, 16) === key.keyid, `${what}: ${key.keyid} is not the id of that key`);
  return raw;
}

/** The DSSE envelope of a command: payload and one signature. */
function openEnvelope(bytes, what) {
  const type = "application/vnd.iu-ledger.command+json";
  const envelope = shaped(parseCanonical(bytes, what), what, "payload:base64 payloadType:text signatures:list");
  need(envelope.payloadType === type && envelope.signatures.length === 1, `${what} is no command with one signature`);
  const [one] = envelope.signatures;
  shaped(one, `${what}.signatures.0`, "keyid:text sig:base64");
  const payload = Buffer.from(envelope.payload, "base64");
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
  const said = `${what}, its payload`;
  const members = "schema:positive id:uuid type:text ledger:text actor:text at:instant cause:uuid? data:object";
  const command = shaped(parseCanonical(payload, said), said, members);
  return { command, signed, keyid: one.keyid, signature: Buffer.from(one.sig, "base64") };
}

// --- the tree ---------------------------------------------------------------------------------------------------------------------------

/** RFC 6962 section 2.1 over leaf hashes, added one by one: the roots of the perfect subtrees, the largest first. */
class Tree {
  size = 0;
  peaks = [];
  add(hash) {
    this.peaks.push({ height: 0, hash });
    this.size++;
    while (this.peaks.length > 1 && this.peaks.at(-1).height === this.peaks.at(-2).height) {
      const right = this.peaks.pop();
      const left = this.peaks.pop();
      this.peaks.push({ height: left.height + 1, hash: nodeHash(left.hash, right.hash) });
    }
  }
  root() {
    if (this.peaks.length === 0) return sha256();
    return this.peaks.map(({ hash }) => hash).reduceRight((right, left) => nodeHash(left, right));
  }
}

/** C2SP tlog-tiles: the path of a tile, its index in groups of three digits. */
function tilePath(level, index, width) {
  let rest = String(index);
  while (rest.length % 3 !== 0) rest = `0${rest}`;
  const groups = rest.match(/.../g).map((group, i, all) => (i + 1 < all.length ? `x${group}` : group));
  return `tile/${level}/${groups.join("/")}${width < 256 ? `.p/${width}` : ""}`;
}

function perfectRoot(hashes) {
  let row = hashes;
  while (row.length > 1) row = row.filter((_, i) => i % 2 === 0).map((left, i) => nodeHash(left, row[2 * i + 1]));
  return row[0];
}

function uuidV5(namespace, name) {
  const bytes = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name)
    .digest();
  bytes[6] = (bytes[6] & 0x0f) | 0x50;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return hex(bytes.subarray(0, 16)).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// --- checkpoints ------------------------------------------------------------------------------------------------------------------------

/** C2SP signed-note: the text, and its signature lines. */
function openNote(bytes) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  need(![...text].some((one) => one < " " && one !== "\n"), "a control character");
  const split = text.lastIndexOf("\n\n");
  need(split >= 0 && text.endsWith("\n"), "no empty line before the signatures, or no newline at the end");
  const signatures = text
    .slice(split + 2, -1)
    .split("\n")
    .map((line) => {
      const [, name, encoded] = /^— ([^ ]+) ([^ ]+)$/u.exec(line) ?? [];
      const blob = strictBase64(encoded);
      need(blob !== null && blob.length > 4, "a line that is no signature");
      return { name, id: hex(blob.subarray(0, 4)), signature: blob.subarray(4) };
    });
  return { text: text.slice(0, split + 1), signatures };
}

/** C2SP tlog-checkpoint: origin, size, root. Ours have no further lines. */
function parseCheckpoint(text) {
  const [origin, size, root, ...rest] = text.slice(0, -1).split("\n");
  need(/^(0|[1-9][0-9]{0,15})$/.test(size) && Number.isSafeInteger(Number(size)), "line 2 is no size");
  need(strictBase64(root)?.length === 32, "line 3 is no root");
  need(rest.length === 0, "further lines");
  return { origin, size: Number(size), root: Buffer.from(root, "base64") };
}

/** A verifier key: `name+id+base64(type ‖ key)`. Ed25519 (type 1) only. */
function parseVkey(vkey) {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/u.exec(vkey) ?? [];
  const bytes = strictBase64(encoded);
  need(bytes?.length === 33 && bytes[0] === 1, `${vkey} is no Ed25519 verifier key`);
  need(hex(sha256(`${name}\n`, bytes)).slice(0, 8) === id, `${vkey}: the id is not that of the key`);
  return { name, id, raw: bytes.subarray(1) };
}

/** Who of the keys signed a note. One of a known key that does not verify condemns it. */
function signersOf({ text, signatures }, keys) {
  return signatures.flatMap((line) => {
    const known = keys.filter(({ name, id }) => name === line.name && id === line.id);
    if (known.length === 0) return [];
    const signed = known.filter(({ raw }) => signedBy(raw, Buffer.from(text), line.signature));
    need(signed.length > 0, `the signature of ${line.name} does not verify`);
    return signed;
  });
}

// --- the export -------------------------------------------------------------------------------------------------------------------------

const eventMembers =
  "schema:positive type:type id:uuid stream:stream revision:count prev:digest? time:instant actor:text command:object cause:uuid? data:object";
const checkNames = ["files", "bytes", "chain", "tree", "signatures", "content", "checkpoint"];

/** Checks the export in a folder; answers the report. Throws only where the folder cannot be read at all. */
export function verifyExport(folder, { vkey, rootKey, checkpoints = [] } = {}) {
  const checks = new Map(checkNames.map((name) => [name, { name, compared: 0, findings: [], note: null }]));
  /** Counts one comparison and writes down what was wrong with it. Answers what `work` does, or undefined. */
  const check = (name, where, work) => {
    const one = checks.get(name);
    one.compared++;
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Wrong) && !(error instanceof TypeError)) throw error;
      one.findings.push(`${where}: ${error.message}`);
      return undefined;
    }
  };
  /** Path → whether it is a plain file. */
  const paths = new Map();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    paths.set(relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"), entry.isFile());
  }
  const used = new Set();
  const read = (path) => {
    need(paths.get(path) === true, "it is not there");
    used.add(path);
    return readFileSync(join(folder, path));
  };
  /** The lines of a file that the manifest lists. */
  const linesOf = (path) => {
    const bytes = listed(path) ?? Buffer.alloc(0);
    const list = [];
    for (let from = 0, end = 0; from < bytes.length; from = end + 1) {
      end = bytes.indexOf(10, from);
      if (end < 0) end = bytes.length;
      list.push(bytes.subarray(from, end));
    }
    check("files", path, () => need(bytes.length === 0 || bytes.at(-1) === 10, "its last line has no end"));
    return list;
  };

  const manifest = check("files", "manifest.json", () => {
    const members =
      "format:text version:count ledger:text origin:text size:positive root:digest commands:count contents:object files:object";
    const said = shaped(parseCanonical(read("manifest.json"), "it"), "it", members);
    need(said.format === "iu-ledger/export" && said.version === 1, `it is ${said.format} version ${said.version}`);
    shaped(said.contents, "contents", "present:count absent:count");
    for (const [path, digest] of Object.entries(said.files)) need(isDigest(digest), `files.${path} is no digest`);
    return said;
  });
  if (manifest === undefined) return reportOf(checks, null, null);
  const { size } = manifest;
  /** A file that the manifest lists, with that digest. */
  const listed = (path) =>
    check("files", path, () => {
      need(Object.hasOwn(manifest.files, path), "the manifest does not list it");
      const bytes = read(path);
      need(hex(sha256(bytes)) === manifest.files[path], "its digest is not the one in the manifest");
      return bytes;
    });
  for (const path of Object.keys(manifest.files)) {
    if (["commands.ndjson", "contents.ndjson", "checkpoint"].includes(path)) continue;
    check("files", path, () => wrong("a file this verifier does not know"));
  }

  // Who wrote what: each command's parts, by position.
  const parts = new Map();
  const [commandIds, eventIds] = [new Set(), new Set()];
  const once = (ids, id, message) => need(ids.size < ids.add(id).size, message);
  let commands = 0;
  let newestFirst = -1;
  for (const line of linesOf("commands.ndjson")) {
    const where = `commands.ndjson, line ${++commands}`;
    check("files", where, () => {
      const command = shaped(parseCanonical(line, "it"), "it", "id:uuid envelope:base64 parts:list");
      once(commandIds, command.id, `command ${command.id} stands here a second time`);
      const envelope = Buffer.from(command.envelope, "base64");
      const opened = check("signatures", `command ${command.id}`, () => openEnvelope(envelope, "its envelope"));
      let end = -1;
      for (const [index, part] of command.parts.entries()) {
        shaped(part, `part ${index}`, "position:count count:positive last:flag");
        need(part.position > end, `part ${index} stands before the one before it`);
        need(part.last ? index === command.parts.length - 1 : true, "a part follows the last one");
        need(!parts.has(part.position), `two commands begin at position ${part.position}`);
        end = part.position + part.count - 1;
        parts.set(part.position, { id: command.id, index, count: part.count, digest: hex(sha256(envelope)), opened });
      }
      const first = command.parts[0].position;
      need(first > newestFirst, "it stands out of its order");
      newestFirst = first;
    });
  }
  check("files", "commands.ndjson", () =>
    need(commands === manifest.commands, `${commands} commands; the manifest says ${manifest.commands}`),
  );

  // What is remembered of what was read: never a whole event.
  const tree = new Tree();
  const streams = new Map();
  const principals = new Map();
  const logKeys = [];
  const runs = new Map();
  const named = new Map();
  const relied = new Set();
  const redacted = new Set();
  const plain = new Map();
  const roots = new Map();
  let part;
  let tiles = [];

  /** Positions at which a checkpoint's root will be wanted. */
  const notes = [];
  const wanted = new Set();
  const note = (where, bytes) =>
    check("checkpoint", where, () => {
      const opened = openNote(bytes);
      const checkpoint = parseCheckpoint(opened.text);
      need(checkpoint.origin === manifest.origin, `it is of ${checkpoint.origin}; this log is ${manifest.origin}`);
      need(checkpoint.size <= size, `it is of size ${checkpoint.size}; this export has ${size}`);
      wanted.add(checkpoint.size);
      notes.push({ where, opened, checkpoint });
    });
  if (Object.hasOwn(manifest.files, "checkpoint")) {
    const bytes = listed("checkpoint");
    if (bytes !== undefined) note("checkpoint", bytes);
  }
  for (const { name, bytes } of checkpoints) note(name, bytes);

  /** The contents of 32 MiB at most are kept; each is checked once. */
  const texts = new Map();
  const textOf = (commitment) => {
    if (!texts.has(commitment)) {
      if (texts.size > 16) texts.clear();
      const path = `content/${commitment}`;
      texts.set(commitment, paths.get(path) === true ? readFileSync(join(folder, path)) : null);
    }
    return texts.get(commitment);
  };

  /** Notes the contents that a value names: in fields called `content`, `contents` or ending so, at any depth. */
  function name(value, position, needed, naming = false) {
    if (naming && isDigest(value)) {
      named.set(value, Math.min(position, named.get(value) ?? position));
      if (needed) relied.add(value);
    }
    if (Array.isArray(value)) for (const one of value) name(one, position, needed, naming);
    if (!isObject(value)) return;
    for (const [member, one] of Object.entries(value))
      name(one, position, needed, /^(?:content|contents|[a-z]\w*Contents?)$/.test(member));
  }

  function event(position, bytes) {
    const where = `position ${position}`;
    const parsed = check("bytes", where, () => {
      need(bytes.length <= entryMax, `${bytes.length} bytes`);
      const value = parseCanonical(bytes, "it");
      shaped(value, "it", eventMembers);
      shaped(value.command, "command", "id:uuid digest:digest");
      return value;
    });
    const hash = leafHash(bytes);
    tree.add(hash);
    if (wanted.has(position + 1)) roots.set(position + 1, tree.root());
    if (parsed === undefined) return hash;
    check("chain", where, () => {
      const tail = streams.get(parsed.stream) ?? { revision: -1, hash: null };
      streams.set(parsed.stream, { revision: parsed.revision, hash: hex(hash) });
      const { stream, revision, prev } = parsed;
      need(revision === tail.revision + 1, `revision ${revision} of ${stream} follows ${tail.revision}`);
      need(prev === tail.hash, `it names ${prev} as the event before it in ${stream}, which is ${tail.hash}`);
    });
    signed(position, parsed);
    check("content", where, () => content(position, parsed));
    remember(position, parsed);
    return hash;
  }

  /** The event is one of a command's, whose signature is by a key its actor had just before that command's part. */
  function signed(position, event) {
    check("signatures", `position ${position}`, () => {
      const ended = part === undefined || position >= part.position + part.count;
      if (parts.has(position)) {
        need(ended, `command ${parts.get(position).id} begins here, inside of command ${part?.id}`);
        part = { ...parts.get(position), position };
        part.good = part.opened !== undefined && keyGood(part.opened);
      }
      const index = part === undefined ? -1 : position - part.position;
      need(part !== undefined && index < part.count, "no command says that it wrote this event");
      need(event.command.id === part.id, `it is of command ${event.command.id}; the commands file has ${part.id} here`);
      need(event.command.digest === part.digest, "it does not name the envelope that is stored for its command");
      need(part.opened !== undefined, "the envelope of its command cannot be read");
      const { command } = part.opened;
      need(command.id === part.id, "the signed command has another id");
      need(command.actor === event.actor, `${command.actor} signed; the event says ${event.actor}`);
      need(command.cause === event.cause, "the signed command has another cause");
      need(command.ledger === manifest.ledger, `the command was signed for the ledger ${command.ledger}`);
      once(eventIds, event.id, `its id ${event.id} is that of an earlier event`);
      need(event.id === uuidV5(part.id, `${part.index}/${index}`), "its id does not follow from its command");
      need(part.good, `the signature is by no key that ${command.actor} had here`);
    });
  }

  function keyGood({ command, signed, keyid, signature }) {
    let raw = principals.get(command.actor)?.get(keyid);
    if (command.type === "OpenLedger" && principals.size === 0) {
      const { principal, key } = command.data.sovereign;
      if (principal !== command.actor || key.keyid !== keyid) return false;
      if (rootKey !== undefined && rootKey !== keyid) return false;
      raw = keyOf(key, "the sovereign's key");
    }
    return raw !== undefined && signedBy(raw, signed, signature);
  }

  /** Units commit to slices of their run's content. */
  function content(position, { type, data }) {
    name(data, position, type !== "CommandRefused");
    if (type === "ContentRedacted") redacted.add(data.content);
    if (type === "RunOpened") runs.set(data.run, data.content);
    if (type === "CutPlanned") plain.set(data.planContent, data.plan);
    if (type !== "UnitCut") return;
    const file = textOf(runs.get(data.run));
    if (file === null || file === undefined) return;
    const slice = file.subarray(32 + data.span.start, 32 + data.span.end);
    const raw = hex(sha256("iu-ledger/unit/v1", Buffer.of(0), file.subarray(0, 32), slice));
    need(raw === data.raw, `${data.address}: its bytes of the content commit to ${raw}, not to ${data.raw}`);
  }

  /** Keys of principals, and of the log. */
  function remember(position, { type, data }) {
    check("signatures", `position ${position}`, () => {
      const { ledger, origin } = manifest;
      if (position === 0)
        need(type === "LedgerOpened" && data.ledger === ledger && data.origin === origin, "another ledger");
      if (type === "PrincipalRegistered")
        principals.set(data.principal, new Map([[data.key.keyid, keyOf(data.key, "the key")]]));
      if (type === "PrincipalRevoked") principals.set(data.principal, new Map());
      if (type === "KeyRotated") {
        const keys = new Map(principals.get(data.principal));
        for (const keyid of data.retires) keys.delete(keyid);
        principals.set(data.principal, keys.set(data.key.keyid, keyOf(data.key, "the key")));
      }
      if (type === "LogKeyAdopted") logKeys.push({ ...parseVkey(data.vkey), from: position });
    });
  }

  const next = [];
  for (let index = 0; index * 256 < size; index++) {
    const width = Math.min(256, size - index * 256);
    const path = tilePath("entries", index, width);
    const bundle = check("files", path, () => read(path)) ?? Buffer.alloc(0);
    const hashes = [];
    check("bytes", path, () => {
      let at = 0;
      for (let i = 0; i < width; i++) {
        need(at + 2 <= bundle.length, `it ends before entry ${i} of ${width}`);
        const length = bundle.readUInt16BE(at);
        need(at + 2 + length <= bundle.length, `entry ${i} is longer than what is there`);
        hashes.push(event(index * 256 + i, bundle.subarray(at + 2, at + 2 + length)));
        at += 2 + length;
      }
      need(at === bundle.length, `${bundle.length - at} bytes follow its last entry`);
    });
    compareTile(0, index, hashes);
    if (hashes.length === 256) next.push(perfectRoot(hashes));
  }
  tiles = next;
  for (let level = 1; tiles.length > 0; level++) {
    const above = [];
    for (let at = 0; at < tiles.length; at += 256) {
      const hashes = tiles.slice(at, at + 256);
      compareTile(level, at / 256, hashes);
      if (hashes.length === 256) above.push(perfectRoot(hashes));
    }
    tiles = above;
  }
  function compareTile(level, index, hashes) {
    if (hashes.length === 0) return;
    const path = tilePath(level, index, hashes.length);
    check("tree", path, () => {
      const bytes = check("files", path, () => read(path)) ?? wrong("it cannot be read");
      need(Buffer.compare(bytes, Buffer.concat(hashes)) === 0, "it is not what the leaves under it make");
    });
  }
  const root = hex(tree.root());
  check("tree", "the root", () => {
    need(tree.size === size, `${tree.size} leaves; the manifest says ${size}`);
    need(root === manifest.root, `the leaves make ${root}; the manifest says ${manifest.root}`);
  });
  for (const [position, { id, count }] of parts)
    check("signatures", `command ${id}`, () =>
      need(position + count <= size, `its part at position ${position} reaches beyond the end`),
    );

  // A refused command names contents that no event does.
  for (const [position, { opened, index }] of parts)
    if (index === 0 && opened !== undefined) name(opened.command.data, position, false);
  let present = 0;
  let absent = 0;
  for (const [i, line] of linesOf("contents.ndjson").entries()) {
    check("content", `contents.ndjson, line ${i + 1}`, () => {
      const said = parseCanonical(line, "it");
      const { commitment, length, position } = shaped(said, "it", "commitment:digest length:count? position:count");
      need(named.get(commitment) === position, `position ${position} is not the first that names ${commitment}`);
      named.delete(commitment);
      if (length === null) {
        absent++;
        // What only a refused command named need never have been there.
        need(
          redacted.has(commitment) || !relied.has(commitment),
          `${commitment} is missing, and no event says that it was erased`,
        );
        return;
      }
      present++;
      const file = read(`content/${commitment}`);
      need(file.length === length + 32, `content/${commitment} has ${file.length} bytes; expected ${length + 32}`);
      const actual = hex(sha256("iu-ledger/content/v1", Buffer.of(0), file));
      need(actual === commitment, `content/${commitment} commits to ${actual}`);
      need(!redacted.has(commitment), `${commitment} was erased, and is still there`);
      const plan = plain.get(commitment);
      if (plan !== undefined)
        need(hex(sha256(file.subarray(32))) === plan, `the plan ${commitment} does not have its digest`);
    });
  }
  check("content", "contents.ndjson", () => {
    need(
      named.size === 0,
      `${named.size} contents that the ledger names are not listed, ${[...named.keys()][0]} first`,
    );
    const { contents } = manifest;
    need(
      present === contents.present && absent === contents.absent,
      `it lists ${present} present and ${absent} absent`,
    );
  });

  for (const { where, opened, checkpoint } of notes) {
    check("checkpoint", where, () => {
      const adopted = logKeys.filter(({ from }) => from < checkpoint.size).at(-1);
      const keys = vkey === undefined ? (adopted === undefined ? [] : [adopted]) : [parseVkey(vkey)];
      need(keys.length > 0, "no key is known for it: no event adopts one, and none was given");
      need(signersOf(opened, keys).length > 0, `it is not signed by ${keys[0].name} (key ${keys[0].id})`);
      need(keys[0].name === checkpoint.origin, `the key is one of ${keys[0].name}`);
      const here = checkpoint.size === 0 ? sha256() : roots.get(checkpoint.size);
      need(here?.equals(checkpoint.root), `it says another root at size ${checkpoint.size} than these leaves make`);
    });
  }
  const last = checks.get("checkpoint");
  if (notes.length === 0 && last.findings.length === 0)
    last.note = "there is none: nothing outside says that this is the whole log";
  else {
    const said = vkey === undefined ? ["the key is the one the log itself names: pin it with --vkey"] : [];
    const left = size - Math.max(0, ...notes.map(({ checkpoint }) => checkpoint.size));
    const stand = left === 1 ? "event stands" : "events stand";
    if (left > 0) said.push(`${left} ${stand} beyond it: nothing outside vouches for them`);
    last.note = said.join("; ") || null;
  }
  for (const path of [...paths.keys()].filter((path) => !used.has(path)))
    check("files", path, () => wrong("it does not belong to this export"));
  return reportOf(checks, size, root);
}

function reportOf(checks, size, root) {
  const list = [...checks.values()].map((one) => ({
    ...one,
    verdict: one.findings.length > 0 ? "FAIL" : one.compared > 0 ? "PASS" : "NOT_RUN",
  }));
  // Without a checkpoint the rest may hold; that nothing was cut off at the end is then nobody's to say.
  const verdict = list.some((one) => one.verdict === "FAIL") ? "FAIL" : "PASS";
  return { verdict, size, root, checks: list };
}

// --- the command line -------------------------------------------------------------------------------------------------------------------

const text = { type: "string" };

function main(args) {
  const options = { checkpoints: [] };
  let folder;
  let json;
  try {
    const known = { vkey: text, "root-key": text, checkpoint: { ...text, multiple: true }, json: { type: "boolean" } };
    const { values, positionals } = parseArgs({ args, options: known, allowPositionals: true });
    if (positionals.length !== 1) wrong("name one folder");
    folder = positionals[0];
    json = values.json;
    options.vkey = values.vkey;
    options.rootKey = values["root-key"];
    if (options.vkey !== undefined) parseVkey(options.vkey);
    options.checkpoints = (values.checkpoint ?? []).map((name) => ({ name, bytes: readFileSync(name) }));
  } catch (error) {
    const usage = "node verify-export.mjs DIR [--vkey VKEY] [--root-key KEYID] [--checkpoint FILE]... [--json]";
    process.stderr.write(`${error.message}\nusage: ${usage}\n`);
    return 2;
  }
  let report;
  try {
    report = verifyExport(folder, options);
  } catch (error) {
    process.stderr.write(`${folder} cannot be read: ${error.message}\n`);
    return 3;
  }
  // What is written here may come from whoever wrote the export: nothing of it may command a terminal.
  const plainText = (text) => text.replace(/[^\P{C}\n]/gu, "?");
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    for (const { name, verdict, compared, findings, note } of report.checks) {
      process.stdout.write(
        `${name.padEnd(10)}  ${verdict.padEnd(7)}  ${String(compared).padStart(9)} compared${note === null ? "" : `  (${note})`}\n`,
      );
      for (const finding of findings.slice(0, 20)) process.stdout.write(plainText(`  ${finding}\n`));
      if (findings.length > 20) process.stdout.write(`  and ${findings.length - 20} more\n`);
    }
    process.stdout.write(`${report.verdict}: ${report.size ?? "?"} events, root ${report.root ?? "?"}\n`);
  }
  return report.verdict === "PASS" ? 0 : 1;
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1])
  process.exitCode = main(process.argv.slice(2));
