// A ledger moved between stores: everything comes along, nothing else does, and what does not hang together is refused before anything is written.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Store, type StoredEvent, StoreError } from "../../src/ledger/Store.js";
import { type Copied, type CopyRefused, copyLedger } from "../../src/store/copyLedger.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { storedParts } from "../../src/store/storedParts.js";
import { contentsIn, everythingIn, readOnly, replayed, tellHistory, writeMany } from "./copied.js";
import { withEventStoreLedger } from "./eventstore/withEventStoreLedger.js";
import { caught } from "./opened.js";
import { withPostgresLedger } from "./withPostgresLedger.js";
import { withSqliteFile } from "./withSqliteFile.js";

const test = suite("copying a ledger");

type With = (use: (store: Store) => Promise<void>) => Promise<void>;
const kinds: Readonly<Record<string, With>> = {
  memory: (use) => use(memoryStore()),
  sqlite: (use) => withSqliteFile(async (file) => use(await file.open())),
  postgres: (use) => withPostgresLedger(async (ledger) => use(await ledger.open())),
  eventstoredb: (use) => withEventStoreLedger(async (ledger) => use(await ledger.open())),
};

const source = memoryStore();
const told = await tellHistory(source);
const { size, root } = await source.head();

function done(outcome: Copied | CopyRefused): Copied {
  if (outcome.kind === "refused") throw new Error(`${outcome.code}: ${outcome.message}`);
  return outcome;
}

function refusedWith(outcome: Copied | CopyRefused): CopyRefused {
  if (outcome.kind === "refused") return outcome;
  throw new Error("it was copied");
}

async function assertSame(copy: Store, original = source): Promise<void> {
  assert.equal(await everythingIn(copy), await everythingIn(original));
}

test("the history has what must come along: parts that alternate, refusals, erased contents", async () => {
  const { commands } = await everythingIn(source);
  const many = commands.filter(({ parts }) => parts.length > 2);
  assert.ok(many.length >= 2);
  const between = many.some(({ parts }) =>
    parts.slice(1).some(({ position }, i) => position !== (parts[i]?.position ?? 0) + (parts[i]?.count ?? 0)),
  );
  assert.ok(between, "no part of another command stands between two parts of one");
  // A redacted text whose bytes still lie about is a finding; its copy has none.
  const failed = (await replayed(source)).checks.filter((check) => check.includes("FAIL"));
  assert.equal(
    failed.map((check) => check.split(" ")[0]),
    ["content"],
  );
});

for (const [one, withOne] of Object.entries(kinds)) {
  for (const [other, withOther] of Object.entries(kinds)) {
    test(`from ${one} to ${other}: every byte, command and content, and replay says the same`, () =>
      withOne((from) =>
        withOther(async (to) => {
          // Put there by copying too: that it is the same is what is tested.
          done(await copyLedger(readOnly(source), from));
          const copied = done(await copyLedger(readOnly(from), to));
          assert.equal([copied.size, copied.root, copied.before, copied.since], [size, root, 0, 0]);
          await assertSame(to);
          assert.equal(await replayed(to), await replayed(from));
        }),
      ));
  }
}

test("contents: what is there and is named comes along; what was erased stays so, even where its bytes lie about", async () => {
  const copy = memoryStore();
  const before = await contentsIn(source);
  const { contents } = done(await copyLedger(readOnly(source), copy));
  const after = await contentsIn(copy);
  assert.ok(before[told.notYetErased] !== null);
  assert.equal(after, { ...before, [told.notYetErased]: null });
  assert.not.match((await replayed(copy)).checks.join(), "FAIL");
  assert.is(after[told.erased], null);
  assert.ok(after[told.refused] !== null, "what a refused command named is needed to decide it again");
  const present = Object.values(after).filter((one) => one !== null).length;
  assert.equal(contents, { present, erased: 2, left: 0, missing: 0, damaged: 0, findings: [] });
});

test("contents: nothing is ever erased in the target; what the source says is redacted is counted there and left", async () => {
  const copy = memoryStore();
  await copy.content.put(told.notYetErased, (await source.content.get(told.notYetErased))!);
  // One event of anybody's is enough to say "redacted": it must not be enough to lose a text.
  const whole = Object.entries(await contentsIn(source)).find(
    ([name, bytes]) => bytes !== null && name !== told.notYetErased,
  )![0];
  await copy.content.put(whole, (await source.content.get(whole))!);
  const from: Store = {
    ...readOnly(source),
    readStream: async (stream, at, limit) =>
      stream === `content-${whole}` ? source.read(0, 1) : source.readStream(stream, at, limit),
  };
  const erase = () => Promise.reject(new Error("something was erased"));
  const { contents } = done(await copyLedger(from, { ...copy, content: { ...copy.content, erase } }));
  assert.equal([contents.erased, contents.left], [1, 2]);
  assert.equal(
    contents.findings.map(({ content, what }) => `${what} ${content}`).sort(),
    [`left ${told.notYetErased}`, `left ${whole}`].sort(),
  );
  assert.ok((await copy.content.get(whole)) !== undefined && (await copy.content.get(told.notYetErased)) !== undefined);
});

test("contents: missing and damaged ones are counted and named by position; the ledger is copied all the same", async () => {
  const from = memoryStore();
  done(await copyLedger(source, from));
  const [first, second] = Object.entries(await contentsIn(from)).filter(([, bytes]) => bytes !== null) as [
    [string, string],
    [string, string],
  ];
  await from.content.erase(first[0]);
  const get: Store["content"]["get"] = async (name) => {
    const content = await from.content.get(name);
    return name === second[0] && content !== undefined ? { ...content, bytes: Buffer.from("something else") } : content;
  };
  const copy = memoryStore();
  const { contents } = done(await copyLedger({ ...from, content: { ...from.content, get } }, copy));
  assert.equal([contents.missing, contents.damaged], [1, 1]);
  assert.equal(contents.findings.map(({ content, what }) => `${what} ${content}`).sort(), [
    `damaged ${second[0]}`,
    `missing ${first[0]}`,
  ]);
  for (const { position, content } of contents.findings) {
    const command = (await copy.commands(position, position + 1))[0];
    const said =
      Buffer.from((await copy.read(position, 1))[0]?.bytes ?? []).toString("utf8") +
      Buffer.from(JSON.parse(Buffer.from(command?.envelope ?? []).toString("utf8")).payload, "base64").toString("utf8");
    assert.ok(said.includes(content), `position ${position} does not name ${content}`);
  }
  assert.is(await copy.content.get(second[0]), undefined);
  await assertSame(copy);
});

test("a copy that stopped anywhere goes on there; one that is whole is left as it is", async () => {
  const parts = [];
  for await (const page of storedParts(source, size, "it")) parts.push(...page);
  for (let count = 0; count <= parts.length; count += 3) {
    const copy = memoryStore();
    let before = 0;
    for (const { id, part, last, envelope, events } of parts.slice(0, count)) {
      await copy.append([{ command: { id, part, last, envelope }, entries: events, guards: [] }]);
      before += events.length;
    }
    const copied = done(await copyLedger(readOnly(source), copy));
    assert.equal([copied.before, copied.size], [before, size]);
    await assertSame(copy);
  }
  const whole = memoryStore();
  await copyLedger(source, whole);
  assert.is(done(await copyLedger(readOnly(source), readOnlyLedger(whole))).before, size);
});

/** Nothing may be appended; contents may be put again. */
function readOnlyLedger(store: Store): Store {
  return { ...store, append: () => Promise.reject(new Error("the copy was written")) };
}

test("stopped by its signal it says so, and goes on when it is called again", async () => {
  const from = memoryStore();
  await writeMany(from, 3_000);
  const copy = memoryStore();
  const stop = new AbortController();
  const reason = new Error("enough");
  const onProgress = ({ phase, done: count }: { phase: string; done: number }) => {
    if (phase === "copying" && count > 2_000) stop.abort(reason);
  };
  assert.is(await caught(() => copyLedger(from, copy, { signal: stop.signal, onProgress })), reason);
  const begun = (await copy.head()).size;
  assert.ok(begun > 2_000 && begun < (await from.head()).size, `${begun} events`);
  assert.is(done(await copyLedger(readOnly(from), copy)).before, begun);
  await assertSame(copy, from);
});

test("what comes to the source meanwhile is left for the next time", async () => {
  const from = memoryStore();
  await writeMany(from, 100);
  const { size: then } = await from.head();
  const rest = memoryStore();
  await writeMany(rest, 130);
  let grown = false;
  const growing: Store = {
    ...from,
    async read(at, limit) {
      if (!grown) {
        grown = true;
        const more = [];
        for await (const page of storedParts(rest, (await rest.head()).size, "it")) more.push(...page);
        for (const { id, part, last, envelope, events, position } of more)
          if (position >= then)
            await from.append([{ command: { id, part, last, envelope }, entries: events, guards: [] }]);
      }
      return from.read(at, limit);
    },
  };
  const copy = memoryStore();
  const first = done(await copyLedger(growing, copy));
  const { size: now } = await from.head();
  assert.ok(now > then);
  assert.equal([first.size, first.since], [then, now - then]);
  const second = done(await copyLedger(from, copy));
  assert.equal([second.before, second.size, second.since], [then, now, 0]);
  await assertSame(copy, from);
});

/** The source as somebody has changed it: what is read of one event. */
function changed(at: number, change: (event: StoredEvent) => StoredEvent): Store {
  const each = (events: StoredEvent[]) => events.map((one) => (one.position === at ? change(one) : one));
  return {
    ...readOnly(source),
    read: async (from, limit) => each(await source.read(from, limit)),
    readStream: async (stream, from, limit) => each(await source.readStream(stream, from, limit)),
  };
}

test("one changed byte in any event: nothing is written, and where a later event names it, its position is said", async () => {
  let named = 0;
  for (let at = 0; at < size; at++) {
    const tampered = changed(at, (event) => {
      const bytes = new Uint8Array(event.bytes);
      const middle = Math.floor(bytes.length * ((at % 10) / 10));
      bytes[middle] = (bytes[middle] ?? 0) ^ 1;
      return { ...event, bytes };
    });
    const copy = memoryStore();
    const error = await caught(() => copyLedger(tampered, copy));
    assert.ok(error instanceof StoreError && error.code === "CORRUPT", `position ${at}: ${error}`);
    assert.match(error.message, "the source: ");
    assert.is((await copy.head()).size, 0);
    if (error.position !== undefined) {
      // A changed `prev` accuses the event it named: one of the two was changed.
      assert.ok(error.position === at || error.message.includes(`position ${at} `), `position ${at}: ${error.message}`);
      named++;
    }
  }
  assert.ok(named > size / 2, `${named} of ${size}`);
});

test("an event, a command or a part that is gone or misfiled: refused with its position, nothing is written", async () => {
  const cut = (await source.commands(0, size)).find(({ parts }) => parts.length > 2);
  if (cut === undefined) throw new Error("no command of several parts");
  const second = cut.parts[1]?.position ?? 0;
  const without = (keep: (id: string) => boolean): Store => ({
    ...source,
    commands: async (from, to) => (await source.commands(from, to)).filter(({ id }) => keep(id)),
  });
  const cases: [string, Store, number][] = [
    [
      "an event is gone",
      {
        ...source,
        read: async (from, limit) => (await source.read(from, limit)).filter(({ position }) => position !== 30),
      },
      30,
    ],
    ["a command is gone", without((id) => id !== cut.id), cut.parts[0]?.position ?? 0],
    [
      "a part is gone",
      {
        ...source,
        commands: async (from, to) =>
          (await source.commands(from, to)).map((one) =>
            one.id === cut.id ? { ...one, parts: one.parts.filter((_, i) => i !== 1) } : one,
          ),
      },
      second,
    ],
    [
      "another envelope",
      {
        ...source,
        commands: async (from, to) =>
          (await source.commands(from, to)).map((one) =>
            one.id === cut.id ? { ...one, envelope: Buffer.from("{}") } : one,
          ),
      },
      cut.parts[0]?.position ?? 0,
    ],
    [
      "a part claims too much",
      {
        ...source,
        commands: async (from, to) =>
          (await source.commands(from, to)).map((one) =>
            one.id === cut.id ? { ...one, parts: one.parts.map((part) => ({ ...part, count: 1_000_000 })) } : one,
          ),
      },
      cut.parts[0]?.position ?? 0,
    ],
    ["misfiled", changed(40, (event) => ({ ...event, stream: "run-other" })), 40],
  ];
  for (const [what, from, position] of cases) {
    const copy = memoryStore();
    const error = await caught(() => copyLedger(from, copy));
    assert.ok(error instanceof StoreError && error.code === "CORRUPT", `${what}: ${error}`);
    assert.is(error.position, position, `${what}: ${error.message}`);
    assert.is((await copy.head()).size, 0, what);
  }
});

test("a hole in a file: refused with its position, and the target is empty", () =>
  withSqliteFile(async (file) => {
    const from = await file.open();
    done(await copyLedger(source, from));
    file.tamper((db) => db.exec("DROP TRIGGER event_delete; DELETE FROM event WHERE position = 33"));
    const copy = memoryStore();
    const error = await caught(() => copyLedger(readOnly(from), copy));
    assert.ok(error instanceof StoreError);
    assert.equal([error.code, error.position], ["CORRUPT", 33]);
    assert.is((await copy.head()).size, 0);
  }));

test("a target with another history is refused with the position where the two differ, and stays as it was", async () => {
  const other = memoryStore();
  await writeMany(other, 5);
  const before = await everythingIn(other);
  const refusal = refusedWith(await copyLedger(readOnly(source), other));
  assert.equal([refusal.code, refusal.numbers["position"]], ["COPY_TARGET_DIFFERS", 0]);
  assert.equal(await everythingIn(other), before);

  for (const at of [0, 17, 44]) {
    const begun = memoryStore();
    for await (const page of storedParts(changed(at, sayOtherwise), 50, "it"))
      for (const { id, part, last, envelope, events } of page)
        await begun.append([{ command: { id, part, last, envelope }, entries: events, guards: [] }]);
    const no = refusedWith(await copyLedger(readOnly(source), begun));
    assert.equal([no.code, no.numbers["position"]], ["COPY_TARGET_DIFFERS", at]);
  }
  const many = memoryStore();
  await writeMany(many, 200);
  assert.is(refusedWith(await copyLedger(readOnly(source), many)).code, "COPY_TARGET_LONGER");
  assert.is(refusedWith(await copyLedger(memoryStore(), memoryStore())).code, "COPY_SOURCE_EMPTY");
});

function sayOtherwise(event: StoredEvent): StoredEvent {
  return {
    ...event,
    bytes: Buffer.from(Buffer.from(event.bytes).toString("utf8").replace('"schema":1', '"schema":2')),
  };
}

test("somebody else who writes to the target is noticed at that position", async () => {
  const from = memoryStore();
  await writeMany(from, 2_000);
  const copy = memoryStore();
  const other = memoryStore();
  await writeMany(other, 1);
  let calls = 0;
  const raced: Store = {
    ...copy,
    async append(appends) {
      if (++calls === 2)
        await copy.append([
          {
            command: { id: "somebody", part: 0, last: true, envelope: Buffer.from("{}") },
            entries: [{ stream: "other-1", revision: 0, bytes: Buffer.from("{}") }],
            guards: [],
          },
        ]);
      return copy.append(appends);
    },
  };
  const refusal = refusedWith(await copyLedger(from, raced));
  assert.is(refusal.code, "COPY_TARGET_WRITTEN");
  const again = refusedWith(await copyLedger(from, copy));
  assert.equal([again.code, again.numbers["position"]], ["COPY_TARGET_DIFFERS", refusal.numbers["position"]]);
});

test("a target whose disk is full says how far it came, and goes on when there is room", () =>
  withSqliteFile(async (file) => {
    const from = memoryStore();
    await writeMany(from, 3_000);
    const to = await file.open();
    // Room for so many pages of 4 KiB, as on a small disk.
    await to.sql.query("PRAGMA max_page_count = 200");
    await to.sql.transaction((session) => session.query("PRAGMA max_page_count = 200"));
    const error = await caught(() => copyLedger(from, to));
    assert.ok(error instanceof StoreError, String(error));
    assert.is(error.code, "DISK_FULL");
    const begun = (await to.head()).size;
    assert.ok(begun > 0 && begun < (await from.head()).size);
    assert.match(error.message, `${begun} of ${(await from.head()).size} events`);
    await to.sql.transaction((session) => session.query("PRAGMA max_page_count = 1000000"));
    assert.is(done(await copyLedger(readOnly(from), to)).before, begun);
    await assertSame(to, from);
  }));

test.run();
