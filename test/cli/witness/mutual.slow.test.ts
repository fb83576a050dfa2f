/** Two ledgers on one machine that witness each other, with processes of their own over loopback; and what each does once the other lies. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withTempDir } from "../../support/withTempDir.js";
import { endOf, type Running, spawnCli } from "../spawnCli.js";

const mutual = suite("cli: two ledgers witness each other");

interface Party {
  readonly dir: string;
  readonly port: number;
  readonly logKey: string;
  readonly witnessKey: string;
  readonly name: string;
}

interface Said {
  readonly vkey: string;
  readonly size: number;
  readonly witnesses: readonly { readonly outcome: string; readonly numbers: Readonly<Record<string, number>> }[];
}

async function iu(dir: string, exit: number, ...words: string[]): Promise<Said> {
  const { code, out, err } = await endOf(dir, [...words, "--json"]);
  assert.is(code, exit, `${words.join(" ")}: ${out}${err}`);
  return JSON.parse(out) as Said;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function found(root: string, name: string): Promise<Party> {
  const dir = join(root, name);
  mkdirSync(dir);
  await iu(dir, 0, "init", "--origin", `ledger.example/${name}`);
  const { vkey: logKey } = await iu(dir, 0, "log", "key");
  const { vkey: witnessKey } = await iu(dir, 0, "witness", "key", `witness.example/${name}`);
  return { dir, port: await freePort(), logKey, witnessKey, name };
}

/** Starts a party's witness for the other's log. */
async function watch({ dir, port }: Party, other: Party): Promise<Running> {
  const running = spawnCli(dir, ["witness", "--log", other.logKey, "--listen", `127.0.0.1:${port}`]);
  await running.until("until interrupted");
  return running;
}

async function grow(dir: string, text: string): Promise<number> {
  writeFileSync(join(dir, "text.txt"), `1. ${text}\n`);
  await iu(dir, 0, "document", "add", "text.txt", "--title", text);
  const { size } = await iu(dir, 0, "log", "checkpoint");
  return size;
}

const publish = async ({ dir }: Party, exit: number) => {
  const said = await iu(dir, exit, "log", "publish", "--witness-policy", "policy");
  const [one] = said["witnesses"] as { outcome: string; numbers: Record<string, number> }[];
  return { outcome: one!.outcome, numbers: one!.numbers, size: said["size"] as number };
};

const ledgerFiles = (dir: string) =>
  readdirSync(join(dir, ".iu-ledger")).filter((name) => name.startsWith("ledger.sqlite") || name === "checkpoints");

function keep({ dir }: Party, to: string): void {
  mkdirSync(join(dir, to));
  for (const name of ledgerFiles(dir)) cpSync(join(dir, ".iu-ledger", name), join(dir, to, name), { recursive: true });
}

function putBack({ dir }: Party, from: string | null): void {
  for (const name of ledgerFiles(dir)) rmSync(join(dir, ".iu-ledger", name), { recursive: true });
  if (from !== null)
    for (const name of readdirSync(join(dir, from)))
      cpSync(join(dir, from, name), join(dir, ".iu-ledger", name), { recursive: true });
}

mutual("honest they publish; restored, rewritten or killed they are seen, and a witness never goes back", () =>
  withTempDir(async (root) => {
    const a = await found(root, "a");
    const b = await found(root, "b");
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const)
      writeFileSync(
        join(one.dir, "policy"),
        `log ${one.logKey}\nwitness other ${other.witnessKey} http://127.0.0.1:${other.port}/\nquorum other\n`,
      );
    const running = { a: await watch(a, b), b: await watch(b, a) };
    try {
      for (const one of [a, b]) {
        await grow(one.dir, "first");
        assert.is((await publish(one, 0)).outcome, "cosigned");
      }
      keep(a, "older");
      let size = 0;
      for (const text of ["second", "third"]) size = await grow(a.dir, text);
      assert.is((await publish(a, 0)).size, size);
      await iu(a.dir, 0, "log", "prove", "1", "--out", "1.tlog-proof");
      assert.is((await endOf(b.dir, ["log", "check", "../a/1.tlog-proof", "--policy", "../a/policy"])).code, 0);

      // Killed and started again, the witness of a knows what it knew.
      running.b.child.kill("SIGKILL");
      await running.b.ended;
      assert.is((await publish(a, 0)).outcome, "kept");
      const more = await grow(a.dir, "fourth");
      assert.is((await publish(a, 1)).outcome, "silent");
      running.b = await watch(b, a);
      assert.equal([(await publish(a, 0)).outcome, more], ["cosigned", more]);
      keep(a, "newest");

      // An older copy put back, with all of a's own that would have noticed; then grown another way, beyond what was seen.
      putBack(a, "older");
      assert.is((await publish(a, 0)).outcome, "kept", "of that size it was cosigned, in truth");
      let other = await grow(a.dir, "another way");
      assert.equal(await publish(a, 1), { outcome: "ahead", numbers: { cosigned: more, size: other }, size: other });
      for (let nth = 0; other <= more; nth++) other = await grow(a.dir, `another way ${nth}`);
      assert.equal(await publish(a, 1), { outcome: "forked", numbers: { cosigned: more, size: other }, size: other });

      // All of the history written anew, by somebody with every key.
      putBack(a, null);
      await iu(a.dir, 3, "log", "checkpoint");
      await endOf(a.dir, ["init", "--origin", "ledger.example/a", "--keys", "rewritten/keys"]);
      cpSync(join(a.dir, ".iu-ledger", "keys", "log"), join(a.dir, "rewritten", "keys", "log"), { recursive: true });
      const rewriting = ["--keys", "rewritten/keys"];
      const { vkey } = await iu(a.dir, 0, "log", "key", ...rewriting);
      assert.is(vkey, a.logKey, "it signs with the true key");
      let rewritten = 0;
      for (let nth = 0; rewritten <= more; nth++) {
        writeFileSync(join(a.dir, "text.txt"), `1. rewritten ${nth}\n`);
        await iu(a.dir, 0, "document", "add", "text.txt", "--title", `rewritten ${nth}`, ...rewriting);
        rewritten = (await iu(a.dir, 0, "log", "checkpoint", ...rewriting)).size;
      }
      const lie = await iu(a.dir, 1, "log", "publish", "--witness-policy", "policy", ...rewriting);
      const [seen] = lie.witnesses;
      assert.equal([seen!.outcome, seen!.numbers], ["forked", { cosigned: more, size: rewritten }]);

      // The true one put back goes on, as if nothing had been.
      putBack(a, "newest");
      const last = await grow(a.dir, "fifth");
      assert.equal([(await publish(a, 0)).outcome, last > more], ["cosigned", true]);

      // b's witness restored from an older copy does not start.
      for (const one of [running.a, running.b]) one.child.kill("SIGINT");
      const ends = await Promise.all([running.a.ended, running.b.ended]);
      assert.equal(
        ends.map(({ code }) => code),
        [130, 130],
      );
      assert.match(ends[1]!.out, /Stopped\. What it cosigned is kept/);
      const state = join(b.dir, ".iu-ledger", "witness");
      assert.ok(existsSync(state));
      rmSync(state, { recursive: true });
      const no = await endOf(b.dir, ["witness", "--log", a.logKey, "--listen", `127.0.0.1:${b.port}`]);
      assert.is(no.code, 3);
      assert.match(no.err, "WITNESS_STATE_ROLLED_BACK");
      assert.not.match(readFileSync(join(a.dir, "policy"), "utf8"), "PRIVATE");
    } finally {
      for (const { child } of [running.a, running.b]) child.kill("SIGKILL");
      await Promise.all([running.a.ended, running.b.ended]);
    }
  }),
);

mutual("two witness processes on one state answer for one another; --json says a line for each request", () =>
  withTempDir(async (root) => {
    const a = await found(root, "a");
    const b = await found(root, "b");
    const ports = [b.port, await freePort()];
    const both = ports.map((port) =>
      spawnCli(b.dir, ["witness", "--log", a.logKey, "--listen", `127.0.0.1:${port}`, "--json"]),
    );
    try {
      await Promise.all(both.map((one) => one.until('"started"')));
      const sizes: number[] = [];
      for (const [nth, port] of [...ports, ...ports].entries()) {
        sizes.push(await grow(a.dir, `text ${nth}`));
        writeFileSync(join(a.dir, "policy"), `witness other ${b.witnessKey} http://127.0.0.1:${port}\nquorum other\n`);
        assert.is((await publish(a, 0)).outcome, "cosigned");
      }
      for (const { child } of both) child.kill("SIGTERM");
      const lines = (await Promise.all(both.map(({ ended }) => ended))).map(({ out, code }) => {
        assert.is(code, 143);
        return out
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as Record<string, unknown>);
      });
      for (const [nth, said] of lines.entries()) {
        assert.equal(
          said.map(({ event }) => event),
          ["started", "served", "served", "stopped"],
        );
        const [, first, second] = said;
        assert.equal([first!["status"], first!["origin"], first!["size"]], [200, "ledger.example/a", sizes[nth]]);
        assert.equal([second!["oldSize"], second!["size"]], [sizes[nth + 1], sizes[nth + 2]]);
      }
    } finally {
      for (const { child } of both) child.kill("SIGKILL");
      await Promise.all(both.map(({ ended }) => ended));
    }
  }),
);

mutual.run();
