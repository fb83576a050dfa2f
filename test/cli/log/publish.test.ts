/** Publishing on the command line: witnesses over HTTP, a policy and its quorum; who is missing and why; a history that forked. */
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import Database from "libsql";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseNote } from "../../../src/tlog/note.js";
import { formatVkey } from "../../../src/tlog/noteKey.js";
import { witnessOf } from "../../tlog/keys.js";
import { type RoomOptions, type WitnessRoom, withWitness } from "../../witness/room.js";
import { type Cli, withCli } from "../withCli.js";

const publish = suite("cli: log publish");

interface Report {
  readonly name: string;
  readonly outcome: string;
  readonly why: string | null;
  readonly numbers: Record<string, number>;
}
interface Said {
  readonly published: boolean;
  readonly why: string | null;
  readonly size: number;
  readonly witnesses: readonly Report[];
  readonly file: string | null;
  readonly note: string;
  readonly next: string;
}

/** A ledger with a signed checkpoint; gives its log's vkey. */
async function opened(cli: Cli): Promise<string> {
  assert.is((await cli.iu(["init"])).exit, 0);
  const { vkey } = await cli.json<{ vkey: string }>("log", "key");
  await cli.json("log", "checkpoint");
  return vkey;
}

async function published(cli: Cli, exit: number, ...more: string[]): Promise<Said> {
  const said = await cli.iu(["log", "publish", "--witness-policy", "policy", "--json", ...more]);
  assert.is(said.err, "");
  assert.is(said.exit, exit, said.out);
  return JSON.parse(said.out) as Said;
}

const outcomes = ({ witnesses }: Said) => witnesses.map(({ outcome }) => outcome);
const lineOf = ({ key, url }: Pick<WitnessRoom, "key" | "url">) => `witness ${key.name} ${formatVkey(key)} ${url}\n`;

/** Several witnesses of a log, each in a folder of its own. */
async function withWitnesses(vkey: string, names: readonly string[], use: (rooms: WitnessRoom[]) => Promise<void>) {
  const open = async (left: readonly string[], rooms: WitnessRoom[]): Promise<void> => {
    const [name, ...rest] = left;
    if (name === undefined) return use(rooms);
    const options: RoomOptions = { vkeys: [vkey], name };
    return withWitness((room) => open(rest, [...rooms, room]), options);
  };
  await open(names, []);
}

/** The older ledger put back, with all that would have noticed it here. */
function forget(older: string): void {
  for (const name of readdirSync(".iu-ledger"))
    if (name.startsWith("ledger.sqlite") || name === "checkpoints")
      rmSync(join(".iu-ledger", name), { recursive: true });
  copyFileSync(older, join(".iu-ledger", "ledger.sqlite"));
}

function keepCopy(name: string): void {
  const db = new Database(join(".iu-ledger", "ledger.sqlite"));
  db.exec(`VACUUM INTO '${name}'`);
  db.close();
}

publish(
  "cosigned by all, it is published; grown, they are asked from where they were; proofs carry the cosignatures",
  () =>
    withCli(async (cli) => {
      const vkey = await opened(cli);
      await withWitnesses(vkey, ["w.example/1", "w.example/2"], async (rooms) => {
        writeFileSync(
          "policy",
          `log ${vkey}\n${rooms.map(lineOf).join("")}group both all w.example/1 w.example/2\nquorum both\n`,
        );
        const first = await published(cli, 0);
        assert.ok(first.published);
        assert.equal(outcomes(first), ["cosigned", "cosigned"]);
        assert.is(readFileSync(first.file!, "utf8"), first.note);
        const again = await published(cli, 0);
        assert.equal(outcomes(again), ["kept", "kept"], "nobody is asked twice for the same");
        assert.equal(
          rooms.map(({ served }) => served.length),
          [1, 1],
        );

        await cli.iu(["document", "add", "charter.md"]);
        const { size } = await cli.json<{ size: number }>("log", "checkpoint");
        await cli.iu(["log", "prove", "2", "--out", "before"]);
        assert.is(
          (await cli.iu(["log", "check", "before", "--policy", "policy"])).exit,
          0,
          "the older one is cosigned",
        );
        const next = await published(cli, 0);
        assert.equal([next.size, outcomes(next)], [size, ["cosigned", "cosigned"]]);
        assert.equal(
          rooms.map(({ served }) => served.map(({ oldSize }) => oldSize)),
          [
            [0, first.size],
            [0, first.size],
          ],
        );
        const text = await cli.iu(["log", "publish", "--witness-policy", "policy"]);
        assert.match(
          text.out,
          /Published: the checkpoint of \d+ events is witnessed[\s\S]*w\.example\/2 {2}cosigned at .*, before/,
        );

        await cli.iu(["log", "prove", "2", "--out", "2.tlog-proof"]);
        const checked = await cli.json<{ size: number; signatures: { name: string }[] }>(
          "log",
          "check",
          "2.tlog-proof",
          "--policy",
          "policy",
        );
        assert.is(checked.size, size);
        assert.equal(checked.signatures.map(({ name }) => name).slice(1), ["w.example/1", "w.example/2"]);
        assert.is((await cli.iu(["log", "check", "2.tlog-proof", "--vkey", vkey])).exit, 0);
        await cli.iu(["export", "out"]);
        assert.is(
          parseNote(readFileSync(join("out", "checkpoint"))).signatures.length,
          3,
          "an export takes them along",
        );
      });
    }),
);

publish("two of three: one that is down does not stop it; two that are do, and the same command goes on", () =>
  withCli(async (cli) => {
    const vkey = await opened(cli);
    await withWitnesses(vkey, ["w.example/1", "w.example/2"], async ([one, two]) => {
      const policy = (second: string) => {
        const nowhere = { key: witnessOf("w.example/3"), url: "http://127.0.0.1:1" };
        const lines = [lineOf(one!), lineOf({ key: two!.key, url: second }), lineOf(nowhere)];
        writeFileSync(
          "policy",
          `log ${vkey}\n${lines.join("")}group most 2 w.example/1 w.example/2 w.example/3\nquorum most\n`,
        );
      };
      policy("http://127.0.0.1:1");
      const no = await published(cli, 1);
      assert.not(no.published);
      assert.match(String(no.why), /quorum most is not met: witnessed by w.example\/1, 1 of 3/);
      assert.equal(outcomes(no), ["cosigned", "silent", "silent"]);
      assert.match(String(no.witnesses[1]!.why), /cannot be reached/);
      assert.ok(no.file !== null, "what was collected is kept");
      const text = await cli.iu(["log", "publish", "--witness-policy", "policy"]);
      assert.is(text.exit, 1);
      assert.match(text.out, /Not published[\s\S]*next iu-ledger log publish --witness-policy policy/);
      policy(two!.url);
      const yes = await published(cli, 0);
      assert.equal(outcomes(yes), ["kept", "cosigned", "silent"]);
      assert.is(one!.served.length, 1);
      const kept = readdirSync(join(yes.file!, ".."));
      assert.equal(kept, ["000000000000.checkpoint", "000000000001.checkpoint"], "and only ever added to");
    });
  }),
);

publish("a history that went another way is refused by the witness, and both sizes are said", () =>
  withCli(async (cli) => {
    const vkey = await opened(cli);
    keepCopy("older");
    await withWitnesses(vkey, ["w.example/1"], async ([witness]) => {
      writeFileSync("policy", `${lineOf(witness!)}quorum w.example/1\n`);
      for (const name of ["charter.md", "quy-che.txt"]) await cli.iu(["document", "add", name]);
      const seen = await cli.json<{ size: number }>("log", "checkpoint");
      await published(cli, 0);

      forget("older");
      const before = await cli.json<{ size: number }>("log", "checkpoint");
      const ahead = await published(cli, 1);
      assert.equal(
        [outcomes(ahead), ahead.witnesses[0]!.numbers],
        [["ahead"], { cosigned: seen.size, size: before.size }],
      );
      assert.is(ahead.next, "iu-ledger replay");

      let size = before.size;
      for (let nth = 0; size <= seen.size; nth++) {
        writeFileSync("statute.txt", `${nth}\n\n1. Another way.\n`);
        await cli.iu(["document", "add", "statute.txt", "--title", `another way ${nth}`]);
        ({ size } = await cli.json<{ size: number }>("log", "checkpoint"));
      }
      const forked = await published(cli, 1);
      assert.equal([outcomes(forked), forked.witnesses[0]!.numbers], [["forked"], { cosigned: seen.size, size }]);
      assert.match(String(forked.witnesses[0]!.why), /another history/);
      assert.is(forked.file, null, "nothing of it was cosigned");
      assert.equal(witness!.served.map(({ status }) => status).slice(-2), [409, 422]);
      const text = await cli.iu(["log", "publish", "--witness-policy", "policy"]);
      assert.match(text.out, /A witness has seen another history of this log/);
    });
  }),
);

publish(
  "an older copy put back with its cosigned checkpoints beside it: they say how far it was, and the witness is asked",
  () =>
    withCli(async (cli) => {
      const vkey = await opened(cli);
      keepCopy("older");
      await withWitnesses(vkey, ["w.example/1"], async ([witness]) => {
        writeFileSync("policy", `${lineOf(witness!)}quorum w.example/1\n`);
        const first = await published(cli, 0);
        await cli.iu(["document", "add", "charter.md"]);
        const { size } = await cli.json<{ size: number }>("log", "checkpoint");
        await published(cli, 0);
        for (const name of readdirSync(".iu-ledger"))
          if (name.startsWith("ledger.sqlite")) rmSync(join(".iu-ledger", name));
        copyFileSync("older", join(".iu-ledger", "ledger.sqlite"));
        const no = await published(cli, 1);
        assert.equal([outcomes(no), no.witnesses[0]!.numbers], [["ahead"], { cosigned: size, size: first.size }]);
        assert.is(no.next, "iu-ledger replay");
        const text = await cli.iu(["log", "publish", "--witness-policy", "policy"]);
        assert.match(text.out, /A witness has seen another history of this log/);
      });
    }),
);

publish("a witness that forgot is not believed again, though it would cosign", () =>
  withCli(async (cli) => {
    const vkey = await opened(cli);
    const size = await withWitness(
      async (witness) => {
        writeFileSync("policy", `${lineOf(witness)}quorum w.example/1\n`);
        return (await published(cli, 0)).size;
      },
      { vkeys: [vkey], name: "w.example/1" },
    );
    await cli.iu(["document", "add", "charter.md"]);
    await cli.json("log", "checkpoint");
    await withWitness(
      async (witness) => {
        writeFileSync("policy", `${lineOf(witness)}quorum w.example/1\n`);
        const no = await published(cli, 1);
        assert.equal([outcomes(no), no.witnesses[0]!.numbers], [["forgot"], { cosigned: size, says: 0 }]);
      },
      { vkeys: [vkey], name: "w.example/1" },
    );
  }),
);

async function withServer(listener: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix/`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

publish("whatever else is answered is a no with its reason, in time", () =>
  withCli(async (cli) => {
    await opened(cli);
    const answers: [string, RequestListener, RegExp, string?][] = [
      ["never", () => undefined, /no answer within 300 ms/],
      ["never to its end", (_, response) => response.write("— "), /no answer within 300 ms/],
      [
        "without end",
        (_, response) => {
          const more = () => {
            while (response.writable && response.write("x".repeat(65_536)));
            response.once("drain", more);
          };
          more();
        },
        /more than 65536 bytes|no answer/,
      ],
      ["a redirect", (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(), /302/],
      ["an empty yes", (_, response) => response.end(), /no line of a signature/],
      ["a page", (_, response) => response.end("<html>"), /no line of a signature/],
      ["another's cosignature", (_, response) => response.end("— w.example/2 AAAAAAAAAAAA\n"), /another key/],
      ["a no", (_, response) => response.writeHead(403).end("not yours\u001b[31m\n"), /403: not yours/],
      [
        "a size that is none",
        (_, response) => response.writeHead(409, { "content-type": "text/x.tlog.size" }).end("007\n"),
        /409/,
      ],
      [
        "a size as plain text",
        (_, response) => response.writeHead(409, { "content-type": "text/plain" }).end("7\n"),
        /409/,
      ],
      ["its own trouble", (_, response) => response.writeHead(500).end(), /500/],
      [
        "ever another size",
        (() => {
          let size = 0;
          return (_, response) => response.writeHead(409, { "content-type": "text/x.tlog.size" }).end(`${++size}\n`);
        })(),
        /another size in each of 4 attempts/,
      ],
      [
        "the same size again",
        (_, response) => response.writeHead(409, { "content-type": "text/x.tlog.size" }).end("0\n"),
        /another root of size 0/,
        "forked",
      ],
    ];
    for (const [what, listener, why, outcome] of answers) {
      await withServer(listener, async (url) => {
        writeFileSync("policy", `${lineOf({ key: witnessOf("w.example/1"), url })}quorum w.example/1\n`);
        const no = await published(cli, 1, "--timeout", "1s");
        const [one] = no.witnesses;
        assert.match(String(one!.why), new RegExp(why.source.replace("300 ms", "1000 ms")), what);
        assert.ok(
          outcome === undefined ? ["refused", "silent"].includes(one!.outcome) : one!.outcome === outcome,
          what,
        );
        assert.is(no.file, null, what);
      });
    }
  }),
);

publish("a policy that cannot be used, and what is not there, is told before anybody is asked", () =>
  withCli(async (cli) => {
    const code = async (...words: string[]) =>
      (await cli.json<{ error: { code: string } }>("log", "publish", ...words)).error.code;
    assert.is(await code(), "MISSING_MANDATORY_OPTION_VALUE");
    assert.is((await cli.iu(["log", "publish", "--witness-policy", "nowhere"])).exit, 3);
    writeFileSync("policy", "quorum nobody\n");
    assert.is(await code("--witness-policy", "policy"), "POLICY_MALFORMED");
    await cli.iu(["init"]);
    await cli.json("log", "key");
    writeFileSync("policy", "quorum none\n");
    assert.is(await code("--witness-policy", "policy"), "CHECKPOINT_MISSING");
    await cli.json("log", "checkpoint");
    assert.ok((await published(cli, 0)).published, "a policy that asks for nobody is met");
    writeFileSync(
      "policy",
      `log ${formatVkey({ ...witnessOf("other.example/log"), type: 1 })}\nquorum none\n`.replace(
        /\+[0-9a-f]{8}\+/,
        "+00000000+",
      ),
    );
    assert.is(await code("--witness-policy", "policy"), "POLICY_MALFORMED");
    const { vkey } = await cli.json<{ vkey: string }>("log", "key", "--make-only", "--keys", "far/keys");
    writeFileSync("policy", `log ${vkey}\nquorum none\n`);
    assert.is(await code("--witness-policy", "policy"), "POLICY_OTHER_LOG");
    const w = witnessOf("w.example/1");
    writeFileSync("policy", `witness a ${formatVkey(w)}\nquorum a\n`);
    assert.match(String((await published(cli, 1)).witnesses[0]!.why), /names no URL/);
    writeFileSync("policy", `witness a ${formatVkey(w)} ftp://x\nquorum a\n`);
    assert.match(String((await published(cli, 1)).witnesses[0]!.why), /no address of HTTP/);
  }),
);

publish.run();
