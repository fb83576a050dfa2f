/** The log's key and its incarnations: who adopts what, and what a ledger may go on from. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { logCategory } from "../../commands/log.js";
import { sha256Hex } from "../../src/events/canonical.js";
import { publicKeyOf } from "../../src/keys/Signer.js";
import { formatVkey, noteKeyTypes, noteSigner } from "../../src/tlog/noteKey.js";
import { signCheckpoint } from "../../src/tlog/signedCheckpoint.js";
import { signerOf } from "./cast.js";
import { until } from "./history.js";

const test = suite("the log's key");
const open = until("open");
const origin = "ledger.example/reading-room";
const keyOf = (name: string, of = origin) => noteSigner(of, noteKeyTypes.ed25519, signerOf(name).privateKey);
const [first, second] = [keyOf("log"), keyOf("log two")];
const vkey = formatVkey(first);

test("a sovereign adopts the log's key; a later one takes its place; the same one again changes nothing", () => {
  open.when("AdoptLogKey", { vkey }, "sam").thenFacts({
    stream: "log-ledger",
    type: "LogKeyAdopted",
    data: { vkey, replaces: null },
  });
  const adopted = open.after("AdoptLogKey", { vkey }, "sam");
  adopted.when("AdoptLogKey", { vkey }, "sofia").thenNothing();
  const rotated = adopted.after("AdoptLogKey", { vkey: formatVkey(second) }, "sofia");
  const { keys } = rotated.state(logCategory, "ledger");
  assert.equal(keys, [
    { vkey, position: open.events.length },
    { vkey: formatVkey(second), position: open.events.length + 1 },
  ]);
  rotated.when("AdoptLogKey", { vkey }, "sam").thenRefused("LOG_KEY_RETIRED", { vkey });
});

test("what is no key, another's, of another log, of a witness or of a principal is refused", () => {
  const say = (key: string) => open.when("AdoptLogKey", { vkey: key }, "sam");
  say("nonsense").thenRefused("LOG_KEY_UNUSABLE", { vkey: "nonsense" });
  const witness = formatVkey(noteSigner(origin, noteKeyTypes.cosignature, signerOf("w").privateKey));
  say(witness).thenRefused("LOG_KEY_UNUSABLE", { vkey: witness });
  say(formatVkey(keyOf("log", "other.example"))).thenRefused("LOG_KEY_NAME", { name: "other.example", origin });
  const { keyid } = publicKeyOf(signerOf("rita").privateKey);
  say(formatVkey(keyOf("rita"))).thenRefused("KEY_TAKEN", { keyid, owner: "rita" });
  // 32 bytes that are no point of the curve: the format takes them, and nothing would ever verify.
  const weak = formatVkey({ ...first, publicKey: Buffer.alloc(32, 2), id: "00000000" });
  const id = createId(Buffer.alloc(32, 2));
  const noPoint = weak.replace("+00000000+", `+${id}+`);
  say(noPoint).thenRefused("KEY_WEAK", { vkey: noPoint });
});

const createId = (publicKey: Uint8Array) =>
  sha256Hex(Buffer.concat([Buffer.from(`${origin}\n`), Buffer.of(1), publicKey])).slice(0, 8);

const root = "ab".repeat(32);
const note = (size: number, of = origin, bytes = "cd".repeat(32)) =>
  Buffer.from(signCheckpoint({ origin: of, size, root: Buffer.from(bytes, "hex") }, keyOf("log", of))).toString();
const here = open.after("AdoptLogKey", { vkey }, "sam");
const reason = "The database was restored from Tuesday's backup.";

test("an incarnation links to the checkpoint it does not lead on from, once", () => {
  const checkpoint = note(80);
  const data = { checkpoint, size: 20, root, reason };
  here.when("StartIncarnation", data, "sofia").thenFacts({
    stream: "log-ledger",
    type: "IncarnationStarted",
    data: {
      incarnation: 1,
      checkpoint,
      digest: sha256Hex(Buffer.from(checkpoint)),
      lost: { size: 80, root: "cd".repeat(32) },
      here: { size: 20, root },
      reason,
    },
  });
  const after = here.after("StartIncarnation", data, "sofia");
  after.when("StartIncarnation", { ...data, size: 22 }, "sam").thenNothing();
  const [another] = after.when("StartIncarnation", { ...data, checkpoint: note(90) }, "sam").facts();
  assert.is((another!.data as { incarnation: number }).incarnation, 2);
});

test("what is no checkpoint, another log's, or what the ledger is, starts no incarnation", () => {
  const data = { size: 20, root, reason };
  here.when("StartIncarnation", { ...data, checkpoint: "x" }, "sofia").thenRefused("CHECKPOINT_UNREADABLE", {});
  here
    .when("StartIncarnation", { ...data, checkpoint: note(80, "other.example") }, "sofia")
    .thenRefused("CHECKPOINT_OTHER_LOG", { given: "other.example", origin });
  here
    .when("StartIncarnation", { ...data, checkpoint: note(20, origin, root) }, "sofia")
    .thenRefused("NOTHING_LOST", { size: 20, root });
});

test.run();
