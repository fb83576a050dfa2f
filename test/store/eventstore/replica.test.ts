// The copy in Postgres: it follows the cluster, believes nothing, and is never a ledger of its own.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Append, StoreError } from "../../../src/ledger/Store.js";
import { openPostgresStore } from "../../../src/store/openPostgresStore.js";
import { openStore } from "../../../src/store/openStore.js";
import { caught } from "../opened.js";
import { append, content, entry, freshId } from "../samples.js";
import { type EventStoreLedger, withEventStoreLedger } from "./withEventStoreLedger.js";

const test = suite("eventstoredb, the copy");

async function coded(code: StoreError["code"], work: () => Promise<unknown>, position?: number): Promise<StoreError> {
  const error = await caught(work);
  assert.instance(error, StoreError);
  assert.is((error as StoreError).code, code, (error as StoreError).message);
  if (position !== undefined) assert.is((error as StoreError).position, position, (error as StoreError).message);
  return error as StoreError;
}

/** Changes the copy as its superuser can. */
async function tamper(
  { postgresCluster, database }: EventStoreLedger,
  table: string,
  statement: string,
): Promise<void> {
  await postgresCluster.admin(
    database,
    `ALTER TABLE iu.${table} DISABLE TRIGGER ALL; ${statement}; ALTER TABLE iu.${table} ENABLE ALWAYS TRIGGER ${table}_kept`,
  );
}

const chain = (count: number, from = 0): Append[] =>
  Array.from({ length: count }, (_, i) => append([entry("run-1", from + i)], { id: freshId() }));

test("an empty database is filled from the cluster, with the same root and the same commands", () =>
  withEventStoreLedger(async ({ open, otherPostgres }) => {
    const store = await open();
    const id = freshId();
    await store.append([...chain(5), append([entry("run-2", 0)], { id, last: false })]);
    await store.append([append([entry("run-2", 1), entry("run-2", 2)], { id, part: 1 })]);
    const other = await open({ postgres: await otherPostgres(), create: false });
    assert.equal(await other.head(), await store.head());
    assert.equal(await other.command(id), await store.command(id));
    assert.equal(await other.commands(0, 10), await store.commands(0, 10));
    assert.equal(await other.readStream("run-2", 0), await store.readStream("run-2", 0));
  }));

test("what was committed while Postgres was away is committed, and copied when it is back", () =>
  withEventStoreLedger(async (ledger) => {
    const store = await ledger.open();
    await store.append(chain(2));
    // The copy refuses to be written: what happens between the cluster's commit and the copy's is nobody's loss.
    const revoke =
      "CREATE FUNCTION iu.broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'away' USING ERRCODE = '57P01'; END $$; CREATE TRIGGER broken BEFORE INSERT ON iu.head EXECUTE FUNCTION iu.broken()";
    await ledger.postgresCluster.admin(ledger.database, revoke);
    assert.equal(await store.append(chain(1, 2)), [{ kind: "committed", position: 2, count: 1 }]);
    await coded("UNAVAILABLE", () => store.head());
    assert.is((await store.read(0, 10)).length, 3);
    await ledger.postgresCluster.admin(ledger.database, "DROP FUNCTION iu.broken() CASCADE");
    assert.is((await store.head()).size, 3);
    assert.equal(await store.append(chain(1, 3)), [{ kind: "committed", position: 3, count: 1 }]);
  }));

test("the copy is never opened as a ledger of its own for writing; it is read as it is", () =>
  withEventStoreLedger(async ({ open, postgres }) => {
    const store = await open();
    await store.append(chain(2));
    const error = await coded("READ_ONLY", () => openStore(postgres));
    assert.match(error.message, "copy of iu-test-");
    assert.match(error.next, "esdb://");
    await coded("READ_ONLY", () => openStore(postgres, { create: true }));
    const reader = await openPostgresStore(postgres, { readOnly: true });
    assert.is((await reader.head()).size, 2);
    await coded("READ_ONLY", () => reader.append(chain(1, 2)));
    await reader.close();
  }));

test("a database that is something else is refused: a ledger of its own, another ledger's copy", () =>
  withEventStoreLedger(async ({ open, url, postgres, otherPostgres }) => {
    const own = await otherPostgres();
    const plain = await openPostgresStore(own, { create: true });
    await plain.append(chain(3));
    await plain.close();
    assert.match((await coded("NOT_A_LEDGER", () => open({ postgres: own }))).message, "of its own, of 3 events");
    await open();
    const another = url.replace(/stream=.*/, "stream=iu-another");
    assert.match((await coded("NOT_A_LEDGER", () => open({ url: another, postgres }))).message, "not of iu-another");
  }));

test("a stream without events is no ledger, unless one is to be made", () =>
  withEventStoreLedger(async ({ open }) => {
    assert.match((await coded("NOT_A_LEDGER", () => open({ create: false }))).next, "stream=iu-");
    await coded("NOT_A_LEDGER", () => open({ readOnly: true }));
  }));

test("kinds of ledgers and --postgres must fit", () =>
  withEventStoreLedger(async ({ url, postgres }) => {
    assert.match((await coded("NOT_A_LEDGER", () => openStore(url))).message, "needs a Postgres database");
    await coded("NOT_A_LEDGER", () => openStore(postgres, { postgres }));
    await coded("NOT_A_LEDGER", () => openStore("ledger.sqlite", { postgres }));
  }));

test("a copy that is not the cluster's is named by the first position where they part", () =>
  withEventStoreLedger(async (ledger) => {
    const store = await ledger.open();
    await store.append(chain(6));
    const forged = `convert_to(replace(convert_from(bytes, 'UTF8'), 'said', 'lied'), 'UTF8')`;
    await tamper(ledger, "event", `UPDATE iu.event SET bytes = ${forged} WHERE position >= 4`);
    await coded("CORRUPT", () => store.head(), 4);
    await coded("CORRUPT", () => ledger.open(), 4);
  }));

test("a cluster that was rolled back behind its copy is corrupt, not caught up with", () =>
  withEventStoreLedger(async (ledger) => {
    const { standIn, stream, open } = ledger;
    const store = await open();
    await store.append(chain(6));
    standIn().streams.tamper(stream, (events) => events.slice(0, 3));
    assert.match((await coded("CORRUPT", () => store.head(), 3)).message, "ends before position 3");
    await coded("CORRUPT", () => store.append(chain(1, 6)), 3);
    standIn().streams.tamper(stream, () => []);
    await coded("CORRUPT", () => open(), 0);
  }));

test("what could not have been appended is not copied: a part twice, a revision left out, half an append", () =>
  withEventStoreLedger(async ({ open, standIn, stream, otherPostgres }) => {
    const store = await open();
    const id = freshId();
    await store.append([append([entry("run-1", 0), entry("run-1", 1)], { id }), ...chain(1, 2)]);
    const { streams } = standIn();
    const fresh = async () => open({ postgres: await otherPostgres() });
    // Only the events' own ids keep them from being moved: so it is the places that are tampered with, by whoever can.
    streams.tamper(stream, (events) => events.slice(0, 1));
    const half = await fresh();
    assert.is((await half.head()).size, 0);
    await coded("CORRUPT", () => half.append([append([entry("run-7", 0)])]), 0);
  }));

test("differences between copy and cluster are found by position: events, commands, envelopes", () =>
  withEventStoreLedger(async (ledger) => {
    const store = await ledger.open();
    await store.append(chain(6));
    const differences = async () =>
      (await store.copy?.differences(0, 6))?.differences.map(({ position, field }) => `${position} ${field}`);
    assert.is(store.copy?.behind, 0);
    assert.equal(await differences(), []);
    await tamper(ledger, "event", "UPDATE iu.event SET bytes = bytes || '\\x20' WHERE position = 1");
    await tamper(ledger, "command", "UPDATE iu.command SET envelope = '\\x00' WHERE position = 2");
    await tamper(ledger, "command", "UPDATE iu.command SET last = 0 WHERE position = 3");
    await tamper(ledger, "command", "UPDATE iu.command SET id = 'forged' WHERE position = 4");
    assert.equal(await differences(), ["1 event", "2 envelope", "3 command", "4 command", "4 command"]);
  }));

test("a reader who may not write reads the copy as it is, and how far it is behind is known", () =>
  withEventStoreLedger(async ({ open, postgres, otherPostgres, postgresCluster, database }) => {
    const store = await open();
    await store.append(chain(2));
    const elsewhere = await open({ postgres: await otherPostgres() });
    await elsewhere.append(chain(3, 2));
    await postgresCluster.admin(database, "CREATE ROLE reader LOGIN; GRANT iu_reader TO reader").catch(() => undefined);
    const login = postgres.replace("//admin@", "//reader@");
    const reader = await open({ postgres: login, readOnly: true });
    assert.is((await reader.head()).size, 2);
    assert.is(reader.copy?.behind, 3);
    assert.is((await reader.read(0, 10)).length, 5);
    await coded("READ_ONLY", () => reader.append(chain(1, 5)));
    const allowed = await open({ readOnly: true });
    assert.is((await allowed.head()).size, 5);
    assert.is(allowed.copy?.behind, 0);
  }));

test("content lies in the database of the copy", () =>
  withEventStoreLedger(async ({ open }) => {
    const store = await open();
    const { commitment, content: text } = content("Article 1");
    await store.content.put(commitment, text);
    const found = await (await open()).content.get(commitment);
    assert.equal([...(found?.bytes ?? [])], [...text.bytes]);
    assert.equal([...(found?.salt ?? [])], [...text.salt]);
  }));

test.run();
