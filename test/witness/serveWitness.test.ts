/** A witness over HTTP, by the letter of C2SP tlog-witness; and what clients do to it that no specification foresees. */
import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addCheckpointSizeMax, addCosignature, formatAddCheckpoint } from "../../src/tlog/addCheckpoint.js";
import { formatBase64 } from "../../src/tlog/base64.js";
import { formatNote, openNote, parseNote, signNote } from "../../src/tlog/note.js";
import { formatVkey } from "../../src/tlog/noteKey.js";
import { openCheckpoint, signCheckpoint } from "../../src/tlog/signedCheckpoint.js";
import { damaged, signerOf, witnessOf } from "../tlog/keys.js";
import { asked, aTimeS, logOf, origin, type WitnessRoom, withWitness } from "./room.js";

const test = suite("witness over HTTP");

const hashOf = (name: string) => createHash("sha256").update(name).digest("hex");

/** Asks for a cosignature and checks it as a log would. */
async function cosigned({ ask, key }: WitnessRoom, body: Uint8Array, note: Uint8Array): Promise<number> {
  const answer = await ask(body);
  assert.is(answer.status, 200, answer.body);
  const taken = addCosignature(note, Buffer.from(answer.body), key);
  if (!taken.ok) throw new Error(taken.why);
  return taken.timeS;
}

test("grows with its log; each answer is a cosignature of that checkpoint at that time", () =>
  withWitness(async (room) => {
    const log = logOf("a");
    assert.is(await cosigned(room, log.ask(0, 5), log.note(5)), aTimeS);
    room.clockS += 60;
    assert.is(await cosigned(room, log.ask(5, 5), log.note(5)), aTimeS + 60, "again, at the time it is asked");
    for (const [from, to] of [
      [5, 8],
      [8, 9],
      [9, 64],
      [64, 65],
    ] as const)
      await cosigned(room, log.ask(from, to), log.note(to));
    const answer = await room.ask(log.ask(0, 65));
    assert.equal(answer, { status: 409, type: "text/x.tlog.size", body: "65\n" });
  }));

test("whoever watches gets the newest cosigned checkpoint, with both signatures; of nothing cosigned nothing", () =>
  withWitness(async (room) => {
    const log = logOf("a");
    const path = `/${hashOf(origin)}/checkpoint`;
    const get = (at: string, method = "GET") => asked(room.port, { path: at, method });
    assert.is((await get(path)).status, 404);
    await cosigned(room, log.ask(0, 7), log.note(7));
    const { status, type, body } = await get(path);
    assert.equal([status, type], [200, "text/plain; charset=utf-8"]);
    const opened = openCheckpoint(Buffer.from(body), { origin, keys: [log.signer] }, [room.key]);
    assert.ok(opened.ok && opened.checkpoint.size === 7 && opened.verified.length === 2);
    assert.equal([(await get(path, "HEAD")).status, (await get(path, "HEAD")).body], [200, ""]);
    assert.is((await get(path, "POST")).status, 405);
    for (const other of [
      `/${hashOf("x")}/checkpoint`,
      path.toUpperCase(),
      `${path}/`,
      `/x${path}`,
      `/${hashOf(origin)}`,
      "/",
      "/../state/witness.sqlite",
    ])
      assert.is((await get(other)).status, 404, other);
    assert.is((await get("/add-checkpoint")).status, 405);
    assert.is((await asked(room.port, { path: "/add-checkpoint?x", body: log.ask(7, 8) })).status, 404);
  }));

test("the table of the specification: each request, and what must be answered", () =>
  withWitness(
    async (room) => {
      const log = logOf("a");
      const other = logOf("b", 4);
      const stranger = logOf("a", 0, signerOf("ledger.example/other"));
      const thief = logOf("a", 0, signerOf(origin, "another key"));
      const rotated = logOf("a", 0, signerOf(origin, "second key"));
      await cosigned(room, log.ask(0, 8), log.note(8));
      const raw = (oldSize: number, proof: readonly Uint8Array[], note: Uint8Array) =>
        formatAddCheckpoint({ oldSize, proof, note });
      const empty = createHash("sha256").digest();
      const zero = (root: Uint8Array) => signCheckpoint({ origin, size: 0, root }, log.signer);
      const edited = Buffer.from(Buffer.from(log.note(9)).toString().replace("\n9\n", "\n8\n"));
      const twoLogs = formatNote({
        text: parseNote(log.note(9)).text,
        signatures: [...parseNote(thief.note(9)).signatures, ...parseNote(log.note(9)).signatures],
      });
      const alien = formatNote({ text: parseNote(log.note(9)).text, signatures: parseNote(thief.note(9)).signatures });
      const text = (words: string) => Buffer.from(words);
      const cases: [string, number, Uint8Array, RegExp?][] = [
        ["no body", 400, new Uint8Array()],
        ["garbage", 400, text("\u0000\u0001 garbage")],
        [
          "no old size",
          400,
          text(
            Buffer.from(log.ask(8, 9))
              .toString()
              .replace(/^old 8\n/, ""),
          ),
        ],
        [
          "an old size with a leading zero",
          400,
          text(Buffer.from(log.ask(8, 9)).toString().replace("old 8", "old 08")),
        ],
        ["carriage returns", 400, text(Buffer.from(log.ask(8, 9)).toString().replaceAll("\n", "\r\n"))],
        ["64 hashes", 400, text(`old 8\n${`${formatBase64(empty)}\n`.repeat(64)}\n${Buffer.from(log.note(9))}`)],
        ["a note that is no checkpoint", 400, Buffer.concat([text("old 8\n\n"), signNote("hello\n", [log.signer])])],
        ["a checkpoint cut off", 400, log.ask(8, 9).slice(0, -1)],
        ["an unknown log", 404, stranger.ask(0, 9)],
        ["an unknown log, and an old size above its own", 404, raw(10, [], stranger.note(9))],
        ["signed by a key that is not pinned", 403, thief.ask(8, 9), /none of the known keys/],
        ["the same, by way of a note with that line only", 403, raw(8, log.proof(8, 9), alien)],
        ["a signature of a pinned key that does not verify", 403, raw(8, [], edited), /does not verify/],
        ["an old size above the checkpoint's", 400, raw(10, [], log.note(9)), /above/],
        ["an old size that is smaller than what is kept", 409, log.ask(7, 9)],
        ["an old size of 0 where there is one", 409, log.ask(0, 9)],
        ["an old size that is larger than what is kept", 409, log.ask(9, 12)],
        ["a smaller checkpoint", 409, log.ask(5, 7)],
        ["no proof", 422, raw(8, [], log.note(12)), /proof is empty/],
        ["a proof of other sizes", 422, raw(8, log.proof(7, 12), log.note(12))],
        ["a proof with a hash too many", 422, raw(8, [...log.proof(8, 12), empty], log.note(12))],
        ["a proof with a hash too few", 422, raw(8, log.proof(8, 13).slice(0, -1), log.note(13))],
        ["another history, with its own proof", 422, other.ask(8, 12)],
        ["the same size with another root", 422, other.ask(8, 8), /two roots of size 8/],
        ["the same size with a proof", 422, raw(8, [empty], log.note(8))],
        ["signed by two keys, one of them pinned", 200, raw(8, log.proof(8, 9), twoLogs)],
        ["signed by the second key pinned for this log", 200, rotated.ask(9, 10)],
      ];
      for (const [what, status, body, says] of cases) {
        const answer = await room.ask(body);
        assert.is(answer.status, status, `${what}: ${answer.body}`);
        if (status === 409) assert.equal([answer.type, answer.body], ["text/x.tlog.size", "8\n"], what);
        else assert.is(answer.type, "text/plain; charset=utf-8", what);
        if (says !== undefined) assert.match(answer.body, says, what);
      }
      assert.equal(
        room.served.filter(({ status }) => status >= 500),
        [],
      );
      assert.is((await room.state.newest(hashOf(origin)))?.checkpoint.size, 10);

      // The empty tree, of a log that is new here.
      const fresh = logOf("c", 0, signerOf("ledger.example/new"));
      const named = (size: number, root: Uint8Array) =>
        signCheckpoint({ origin: "ledger.example/new", size, root }, fresh.signer);
      assert.is(
        (await room.ask(raw(0, [], named(0, fresh.root(3))))).status,
        422,
        "a root that is not that of nothing",
      );
      assert.is((await room.ask(raw(0, [empty], named(0, empty)))).status, 422, "a proof from nothing");
      assert.is((await room.ask(raw(0, [empty], fresh.note(3)))).status, 422, "a proof from nothing to something");
      assert.is((await room.ask(raw(0, [], named(0, empty)))).status, 200);
      assert.is((await room.ask(raw(0, [], zero(empty)))).status, 409, "another log's empty tree");
      assert.is((await room.ask(fresh.ask(0, 3))).status, 200);
    },
    {
      vkeys: [
        formatVkey(signerOf(origin)),
        formatVkey(signerOf(origin, "second key")),
        formatVkey(signerOf("ledger.example/new")),
      ],
    },
  ));

test("only the log's own line is kept and shown, whatever else was on the note; extension lines are cosigned with it", () =>
  withWitness(async (room) => {
    const log = logOf("a");
    const text = `${parseNote(log.note(3)).text}an extension\n`;
    const signed = signNote(text, [log.signer, signerOf("somebody.example/else"), witnessOf("x")].slice(0, 2));
    await cosigned(room, formatAddCheckpoint({ oldSize: 0, proof: [], note: signed }), signed);
    const kept = await room.state.newest(hashOf(origin));
    assert.equal(
      parseNote(kept!.note).signatures.map(({ name }) => name),
      [origin, room.key.name],
    );
    assert.ok(openNote(kept!.note, [room.key]).ok);
    // Without the extension it is another text of the same tree: cosigned too.
    await cosigned(room, log.ask(3, 3), log.note(3));
  }));

test("of all who ask at once from the same size to different ones, one way on is cosigned", () =>
  withWitness(async (room) => {
    const branches = Array.from({ length: 12 }, (_, i) => logOf(`branch ${i}`, 4));
    await cosigned(room, branches[0]!.ask(0, 4), branches[0]!.note(4));
    const answers = await Promise.all(branches.map((log, i) => room.ask(log.ask(4, 5 + (i % 3)))));
    assert.is(answers.filter(({ status }) => status === 200).length, 1);
    assert.is(answers.filter(({ status }) => status === 409).length, 11);
  }));

test("the time never goes back: a clock a little behind is lifted, one far behind is not signed with", () =>
  withWitness(async (room) => {
    const log = logOf("a");
    assert.is(await cosigned(room, log.ask(0, 2), log.note(2)), aTimeS);
    room.clockS = aTimeS - 200;
    assert.is(await cosigned(room, log.ask(2, 3), log.note(3)), aTimeS);
    room.clockS = aTimeS - 301;
    const no = await room.ask(log.ask(3, 4));
    assert.is(no.status, 503);
    assert.match(no.body, "CLOCK_BEHIND");
    assert.match(String(room.served.at(-1)?.why), /301 seconds before/);
    room.clockS = aTimeS + 1;
    assert.is(await cosigned(room, log.ask(3, 4), log.note(4)), aTimeS + 1);
  }));

test("whatever is sent, it is no trouble of the witness's own", () =>
  withWitness(async (room) => {
    const log = logOf("a");
    await cosigned(room, log.ask(0, 8), log.note(8));
    const good = log.ask(8, 12);
    const tokens = Buffer.from(good).toString().split(/(\n)/);
    const piece = fc.oneof(
      fc.constantFrom(...tokens, "old 8", "\n\n", "— ", "\u0000", "old 9007199254740993"),
      fc.string({ maxLength: 20 }),
    );
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.array(piece, { maxLength: 20 }).map((parts) => Buffer.from(parts.join(""))),
      fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, xor]) => {
        const copy = Uint8Array.from(good);
        copy[at] = (copy[at] as number) ^ xor;
        return copy;
      }),
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const { status } = await room.ask(body);
        assert.ok(status >= 400 && status < 500, `${status}`);
      }),
      { numRuns: 300 },
    );
    let tried = 0;
    for (const [what, bad] of damaged(good)) {
      if (tried++ % 37 !== 0) continue;
      const { status } = await room.ask(bad);
      assert.ok(status >= 400 && status < 500, `${what}: ${status}`);
    }
    assert.is((await room.ask(good)).status, 200, "and goes on");
  }));

const raw = (
  port: number,
  bytes: string | Uint8Array,
  use: (socket: Socket) => void = () => undefined,
): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(bytes);
      use(socket);
    });
    let said = "";
    socket.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(said));
  });

test("bodies without end, requests that are none, and those who never finish are let go", () =>
  withWitness(
    async (room) => {
      const log = logOf("a");
      const head = (more: string) => `POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
      assert.match(await raw(room.port, head(`Content-Length: ${addCheckpointSizeMax + 1}\r\n`)), /^HTTP\/1\.1 413/);
      assert.match(await raw(room.port, head("Content-Length: 99999999999999999999\r\n")), /^HTTP\/1\.1 4/);
      const block = `10000\r\n${"x".repeat(65_536)}\r\n`;
      const endless = await raw(room.port, head("Transfer-Encoding: chunked\r\n"), (socket) => {
        const more = () => {
          if (!socket.destroyed) socket.write(block, () => setImmediate(more));
        };
        more();
      });
      assert.ok(endless === "" || /^HTTP\/1\.1 413/.test(endless), endless.slice(0, 80));
      assert.match(await raw(room.port, "nonsense\r\n\r\n"), /^HTTP\/1\.1 400/);
      assert.match(await raw(room.port, `GET /${"a".repeat(100_000)} HTTP/1.1\r\n\r\n`), /^HTTP\/1\.1 4(14|31)/);
      assert.match(await raw(room.port, head(`X: ${"a".repeat(100_000)}\r\n`)), /^HTTP\/1\.1 431/);
      // Begun and never finished: headers, a body, nothing at all.
      const slow = await Promise.all([
        raw(room.port, "POST /add-checkpoint HTTP/1.1\r\nHost:"),
        raw(room.port, `${head("Content-Length: 500\r\n")}old 0\n`),
        raw(room.port, ""),
      ]);
      assert.ok(
        slow.every((said) => said === "" || /^HTTP\/1\.1 408/.test(said)),
        slow.join("|"),
      );
      // Gone in the middle.
      await raw(room.port, `${head("Content-Length: 500\r\n")}old 0\n`, (socket) =>
        setTimeout(() => socket.destroy(), 20),
      );
      await cosigned(room, log.ask(0, 3), log.note(3));
      assert.equal(
        room.served.filter(({ status }) => status >= 500),
        [],
      );
    },
    { limits: { requestMs: 400, idleMs: 300 } },
  ));

test("as many slow senders as there are places to be judged keep nobody from being served; what a log signed and was refused is kept", () =>
  withWitness(
    async (room) => {
      const log = logOf("a");
      const slow = await Promise.all(
        Array.from(
          { length: 40 },
          () =>
            new Promise<Socket>((resolve) => {
              const socket = connect(room.port, "127.0.0.1", () => {
                socket.write("POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nold 0\n", () =>
                  resolve(socket),
                );
              });
              socket.on("error", () => undefined);
            }),
        ),
      );
      await cosigned(room, log.ask(0, 8), log.note(8));
      const fork = logOf("b", 4);
      assert.is((await room.ask(fork.ask(8, 12))).status, 422);
      const { note } = room.served.at(-1)!;
      assert.is(note, Buffer.from(fork.note(12)).toString());
      for (const socket of slow) socket.destroy();
    },
    { limits: { waitingMax: 2 } },
  ));

test("more requests than may wait are sent away for the moment, with nothing decided", () =>
  withWitness(
    async (room) => {
      const answer = await room.ask(logOf("a").ask(0, 3));
      assert.equal([answer.status, answer.body], [503, "too many requests at once\n"]);
      assert.is(await room.state.newest(hashOf(origin)), null);
    },
    { limits: { waitingMax: 0 } },
  ));

test("more connections than it takes are refused, and who has one is served", () =>
  withWitness(
    async (room) => {
      const log = logOf("a");
      const held = await Promise.all(
        Array.from(
          { length: 4 },
          () =>
            new Promise<Socket>((resolve) => {
              const socket = connect(room.port, "127.0.0.1", () => resolve(socket));
              socket.on("error", () => undefined);
            }),
        ),
      );
      const refused = await room.ask(log.ask(0, 3)).then(
        ({ status }) => status,
        () => "no connection",
      );
      assert.is(refused, "no connection");
      for (const socket of held) socket.destroy();
      for (let tries = 0; ; tries++) {
        const status = await room.ask(log.ask(0, 3)).then(
          (answer) => answer.status,
          () => 0,
        );
        if (status === 200 || tries > 200) {
          assert.is(status, 200);
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    { limits: { connectionsMax: 4 } },
  ));

test("stopped while it is at work it answers what it has begun", () =>
  withWitness(async (room) => {
    const log = logOf("a");
    const asking = [room.ask(log.ask(0, 3))];
    await new Promise<void>((resolve) => room.running.server.once("request", () => resolve()));
    await room.running.stop();
    assert.is((await asking[0]!).status, 200);
    await room.ask(log.ask(3, 4)).then(
      () => assert.unreachable("it has stopped"),
      (error: NodeJS.ErrnoException) => assert.is(error.code, "ECONNREFUSED"),
    );
  }));

test.run();
