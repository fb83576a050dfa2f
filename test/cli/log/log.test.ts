// The log on the command line: from its key to a proof that somebody else checks with nothing but that key; and the ways it says no.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatVkey } from "../../../src/tlog/noteKey.js";
import { parseTilePath } from "../../../src/tlog/tiles.js";
import { damaged, signerOf } from "../../tlog/keys.js";
import { type Cli, withCli } from "../withCli.js";

const log = suite("cli: log");

/** A ledger with its log's key; gives the verifier key. */
async function opened({ iu, json }: Cli): Promise<string> {
  assert.is((await iu(["init"])).exit, 0);
  const { vkey } = await json<{ vkey: string }>("log", "key");
  return vkey;
}

interface Problem {
  readonly error: { readonly code: string; readonly next: string | null; readonly numbers: Record<string, unknown> };
}
const codeOf = async (cli: Cli, ...words: string[]) => (await cli.json<Problem>(...words)).error?.code;

log("key, checkpoint, proof, and the check by somebody who has nothing but the file and the key", () =>
  withCli(async (cli) => {
    const vkey = await opened(cli);
    assert.match(vkey, /^[a-z0-9./-]+\+[0-9a-f]{8}\+/);
    assert.match((await cli.iu(["log", "key"])).out, "already");
    const signed = await cli.iu(["log", "checkpoint"]);
    assert.is(signed.exit, 0, signed.all);
    assert.match(signed.out, /Checkpoint signed[\s\S]*outside {2}.*checkpoints.*000000000000\.checkpoint/);
    assert.match((await cli.iu(["log", "checkpoint", "--full"])).out, "Nothing new");

    assert.match((await cli.iu(["log", "prove", "3", "--out", "3.tlog-proof"])).out, /proof in 3\.tlog-proof/);
    const raw = await cli.iu(["log", "prove", "3"]);
    assert.is(raw.out, readFileSync("3.tlog-proof", "utf8"));
    mkdirSync("elsewhere");
    const alone = ["--ledger", "elsewhere/none.sqlite", "--keys", "elsewhere/none"];
    const holds = await cli.iu(["log", "check", "3.tlog-proof", "--vkey", vkey, ...alone]);
    assert.is(holds.exit, 0, holds.all);
    assert.match(holds.out, /The proof holds: this entry is at position 3 of the log/);
    assert.equal(readdirSync("elsewhere"), [], "nothing was read or made");

    const other = formatVkey(signerOf(vkey.split("+")[0]!, "another"));
    const no = await cli.iu(["log", "check", "3.tlog-proof", "--vkey", other]);
    assert.is(no.exit, 1);
    assert.match(no.err, "PROOF_WRONG");
    assert.is((await cli.iu(["log", "check", "3.tlog-proof"])).exit, 2);
    assert.is((await cli.iu(["log", "check", "3.tlog-proof", "--vkey", "nonsense"])).exit, 2);
    assert.is((await cli.iu(["log", "check", "charter.md", "--vkey", vkey])).exit, 1);
    assert.is((await cli.iu(["log", "check", "nowhere", "--vkey", vkey])).exit, 3);
    const bytes = readFileSync("3.tlog-proof");
    let tried = 0;
    for (const [what, bad] of damaged(bytes)) {
      if (tried++ % 97 !== 0) continue;
      writeFileSync("bad", bad);
      assert.is((await cli.iu(["log", "check", "bad", "--vkey", vkey])).exit, 1, what);
    }
    writeFileSync("policy", `log ${vkey}\nquorum none\n`);
    assert.is((await cli.iu(["log", "check", "3.tlog-proof", "--policy", "policy"])).exit, 0);
    writeFileSync("policy", `log ${other}\nquorum none\n`);
    assert.is((await cli.iu(["log", "check", "3.tlog-proof", "--policy", "policy"])).exit, 1);
  }),
);

log("what is not under a checkpoint, or not there, cannot be proven; sizes in the wrong order neither", () =>
  withCli(async (cli) => {
    assert.is((await cli.iu(["init"])).exit, 0);
    assert.is(await codeOf(cli, "log", "checkpoint"), "LOG_KEY_NOT_ADOPTED");
    assert.is(await codeOf(cli, "log", "prove", "0"), "CHECKPOINT_MISSING");
    await cli.json("log", "key");
    const { size } = await cli.json<{ size: number }>("log", "checkpoint");
    await cli.iu(["document", "add", "charter.md"]);
    assert.is(await codeOf(cli, "log", "prove", String(size)), "NOT_CHECKPOINTED");
    assert.is(await codeOf(cli, "log", "prove", "9999"), "POSITION_MISSING");
    assert.is(await codeOf(cli, "log", "consistency", "9", "3"), "SIZE_MISSING");
    assert.is(await codeOf(cli, "log", "consistency", "3", "9999"), "SIZE_MISSING");
    const between = await cli.json<{ from: { size: number }; to: { size: number }; proof: string[] }>(
      "log",
      "consistency",
      "3",
    );
    assert.equal([between.from.size, between.to.size], [3, size]);
    assert.ok(between.proof.length > 0);
  }),
);

log("a rotated key signs from then on; proofs under the old checkpoint hold with the old key", () =>
  withCli(async (cli) => {
    const first = await opened(cli);
    await cli.json("log", "checkpoint");
    await cli.iu(["log", "prove", "1", "--out", "old"]);
    const { vkey: second } = await cli.json<{ vkey: string }>("log", "key", "--rotate");
    assert.is.not(second, first);
    await cli.json("log", "checkpoint");
    await cli.iu(["log", "prove", "1", "--out", "new"]);
    const exit = async (file: string, ...keys: string[]) =>
      (await cli.iu(["log", "check", file, ...keys.flatMap((key) => ["--vkey", key])])).exit;
    assert.equal(
      [await exit("old", first), await exit("new", second), await exit("new", first), await exit("new", first, second)],
      [0, 0, 1, 0],
    );
    assert.is(await codeOf(cli, "log", "adopt", first), "LOG_KEY_RETIRED");
  }),
);

log("made elsewhere: shown, adopted by a sovereign, and signed for only where its private half is", () =>
  withCli(async (cli) => {
    await cli.iu(["init"]);
    const made = await cli.json<{ vkey: string; adopted: boolean }>("log", "key", "--make-only", "--keys", "far/keys");
    assert.not.ok(made.adopted);
    const again = await cli.json<{ vkey: string }>("log", "key", "--make-only", "--keys", "far/keys");
    assert.is(again.vkey, made.vkey, "the one that waits is shown again");
    assert.is((await cli.iu(["log", "adopt", made.vkey])).exit, 0);
    assert.is(await codeOf(cli, "log", "checkpoint"), "LOG_KEY_ELSEWHERE");
    assert.is((await cli.iu(["log", "checkpoint", "--keys", "far/keys"])).exit, 0);
  }),
);

log("an older ledger put back is refused, and goes on only by an incarnation that says so", () =>
  withCli(async (cli) => {
    await opened(cli);
    const file = join(".iu-ledger", "ledger.sqlite");
    const db = new Database(file);
    db.exec("VACUUM INTO 'older.sqlite'");
    db.close();
    for (const name of ["charter.md", "quy-che.txt"]) await cli.iu(["document", "add", name]);
    const lost = await cli.json<{ size: number }>("log", "checkpoint");
    for (const name of readdirSync(".iu-ledger"))
      if (name.startsWith("ledger.sqlite")) rmSync(join(".iu-ledger", name));
    copyFileSync("older.sqlite", file);
    const no = await cli.json<Problem>("log", "checkpoint");
    assert.is(no.error.code, "ROLLED_BACK");
    assert.is(no.error.numbers["checkpoint"], lost.size);
    const said = await cli.iu(["log", "incarnation", "--reason", "the disk died"]);
    assert.is(said.exit, 0, said.all);
    const next = await cli.iu(["log", "checkpoint"]);
    assert.is(next.exit, 0, next.all);
    assert.match((await cli.iu(["events", "--type", "IncarnationStarted"])).out, /the disk died/);
    // An auditor with the lost checkpoint: explained by the incarnation; one with a key of their own: not this log's.
    const outside = join(".iu-ledger", "checkpoints");
    const [own] = readdirSync(outside);
    const kept = join(outside, own!, "000000000000.checkpoint");
    const vkey = (await cli.json<{ vkey: string }>("log", "key")).vkey;
    const told = await cli.iu(["replay", "--checkpoint", kept, "--vkey", vkey]);
    assert.match(told.out, /checkpoints +PASS/);
    const other = formatVkey(signerOf(vkey.split("+")[0]!, "another"));
    const not = await cli.iu(["replay", "--vkey", other]);
    assert.is(not.exit, 1);
    assert.match(not.out, /log key pinned/);
    assert.is((await cli.iu(["replay", "--vkey", "x"])).exit, 2);
    // The outside place given away: without it nothing would have been noticed.
    assert.ok(existsSync(join(".iu-ledger", "checkpoints")));
  }),
);

log("tiles: each under its one path, written once, never over; a changed one is named", () =>
  withCli(async (cli) => {
    await opened(cli);
    assert.is(await codeOf(cli, "log", "tiles", "public"), "CHECKPOINT_MISSING");
    await cli.json("log", "checkpoint");
    const first = await cli.json<{ made: number; size: number }>("log", "tiles", "public");
    const paths = () =>
      (readdirSync("public", { recursive: true, withFileTypes: true }) as import("node:fs").Dirent[])
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).replace(/^public\//, ""))
        .sort();
    assert.is(first.made, 2);
    assert.equal(paths(), ["checkpoint", `tile/0/000.p/${first.size}`, `tile/entries/000.p/${first.size}`]);
    assert.ok(paths().every((path) => path === "checkpoint" || parseTilePath(path) !== null));
    assert.is((await cli.json<{ made: number }>("log", "tiles", "public")).made, 0);

    await cli.iu(["document", "add", "charter.md"]);
    const { size } = await cli.json<{ size: number }>("log", "checkpoint");
    assert.is((await cli.json<{ made: number }>("log", "tiles", "public")).made, 2);
    writeFileSync(`public/tile/0/000.p/${size}`, Buffer.alloc(32 * size));
    const no = await cli.json<Problem>("log", "tiles", "public");
    assert.equal([no.error.code, no.error.numbers["path"]], ["TILE_DIFFERS", `tile/0/000.p/${size}`]);
    assert.equal(readFileSync(`public/tile/0/000.p/${size}`), Buffer.alloc(32 * size), "left as it is");
    writeFileSync("public/checkpoint", "nonsense");
    assert.is(await codeOf(cli, "log", "tiles", "public"), "TILES_OTHER");
    assert.is(await codeOf(cli, "log", "serve", "nowhere"), "TILES_MISSING");
  }),
);

log.run();
