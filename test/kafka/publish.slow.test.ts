// The publisher against a real broker: every event, whole and in order by stream, whatever is killed; never one that is skipped.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { leafHash, parseEvent } from "../../src/events/envelope.js";
import { type PublishedEvent, readEventMessage } from "../../src/kafka/eventMessage.js";
import { headerText } from "../../src/kafka/RawMessage.js";
import { skip } from "../support/skip.js";
import { type KafkaRoom, until, withKafkaRoom } from "./withKafkaRoom.js";

const publisher = suite("kafka publisher");

/** So many commands that change nothing: an event each, on a stream of its own; and holds and releases on one stream. */
async function grow({ ledger, signers }: KafkaRoom, count: number): Promise<void> {
  const some = Array.from({ length: count }, (_, n) =>
    ledger.submit("DisarmExecution", { run: null, reason: `number ${n}` }, signers.otto),
  );
  await Promise.all(some);
  for (let n = 0; n < 5; n++) {
    const policy = {
      gateHours: 24 + n + count,
      armHoursMax: 24,
      contentSizeMax: 1_000_000,
      findingsMax: 10,
      backupHoursMax: null,
      grantAuditHoursMax: null,
    };
    await ledger.submit("AdoptPolicy", { policy }, signers.alice);
  }
}

/** What was published covers the ledger: each event at least once, its very bytes, each stream in order but for repeats. */
async function assertCovers(room: KafkaRoom): Promise<PublishedEvent[]> {
  const { size } = await room.ledger.store.head();
  const messages = await room.readAll(room.topics.events);
  const published = messages.map(readEventMessage);
  const leaves = new Map<number, string>();
  const newest = new Map<string, number>();
  const places = new Map<string, number>();
  for (const [index, { position, stream, id, bytes }] of published.entries()) {
    const leaf = leafHash(bytes);
    assert.is(leaves.get(position) ?? leaf, leaf);
    const first = !leaves.has(position);
    leaves.set(position, leaf);
    const { revision, id: own } = parseEvent(bytes);
    assert.is(id, own);
    const { partition } = messages[index]!;
    assert.is(places.get(stream) ?? partition, partition, "a stream has one partition");
    places.set(stream, partition);
    if (!first) continue;
    assert.is(revision, (newest.get(stream) ?? -1) + 1, `${stream}: first time, in order`);
    newest.set(stream, revision);
  }
  assert.is(leaves.size, size, "every event, and no other");
  for (let at = 0; at < size; at += 1000) {
    for (const { position, bytes } of await room.ledger.store.read(at, 1000)) {
      assert.is(leaves.get(position), leafHash(bytes), `position ${position}`);
    }
  }
  return published;
}

publisher("every event once, as a CloudEvent; again only what is new; killed and restarted nothing is missing", () =>
  withKafkaRoom({ on: "sqlite" }, async (room) => {
    await grow(room, 40);
    const once = await room.start("publish", "--once");
    assert.is((await once.ended).code, 0);
    const published = await assertCovers(room);
    assert.is(published.length, (await room.ledger.store.head()).size, "each exactly once");
    const [message] = await room.readAll(room.topics.events);
    const header = (name: string) => headerText(message?.headers, name);
    assert.is(header("ce_source"), "iu-ledger://ledger.example/room");
    assert.is(header("ce_iuledger"), room.ledgerId);
    assert.is(header("ce_partitionkey"), message?.key?.toString());

    await grow(room, 10);
    assert.is((await (await room.start("publish", "--once")).ended).code, 0);
    assert.is((await assertCovers(room)).length, (await room.ledger.store.head()).size, "only what is new");

    // Killed three times, in the middle of more and more.
    let growing = grow(room, 1500);
    for (let kills = 0; kills < 3; kills++) {
      const running = await room.start("publish");
      await running.until('"event":"published"');
      running.child.kill("SIGKILL");
      await running.ended;
      await growing;
      growing = grow(room, 700 + kills);
    }
    await growing;
    const last = await room.start("publish", "--once");
    assert.is((await last.ended).code, 0);
    await assertCovers(room);
  }),
);

publisher("two publishers of one name, and a broker that restarts: some may be sent twice, none is lost", () =>
  withKafkaRoom({ on: "sqlite" }, async (room) => {
    const running = [await room.start("publish"), await room.start("publish")];
    await grow(room, 300);
    await until(async () => (await room.readAll(room.topics.events)).length > 100);
    await room.broker.stop();
    await grow(room, 301);
    await room.broker.start();
    const { size } = await room.ledger.store.head();
    await until(async () => {
      const [row] = await room.ledger.sql.query<{ size: number }>("SELECT size FROM publisher WHERE name = 'default'");
      return row?.size === size;
    });
    await assertCovers(room);
    for (const { child } of running) child.kill("SIGTERM");
    for (const { ended } of running) assert.is((await ended).code, 143);
  }),
);

publisher("a bookmark of another place, or of another history, is refused with what to do", () =>
  withKafkaRoom({ on: "sqlite" }, async (room) => {
    const { sql } = room.ledger;
    assert.is((await (await room.start("publish", "--once")).ended).code, 0);
    await sql.run("UPDATE publisher SET cluster = 'elsewhere'");
    const other = await (await room.start("publish", "--once")).ended;
    assert.is(other.code, 3);
    assert.match(other.out, "PUBLISHED_ELSEWHERE");
    assert.is((await (await room.start("publish", "--once", "--name", "second")).ended).code, 0);
    await sql.run("UPDATE publisher SET leaf = $1 WHERE name = 'second'", ["0".repeat(64)]);
    const history = await (await room.start("publish", "--once", "--name", "second")).ended;
    assert.is(history.code, 3);
    assert.match(history.out, "CORRUPT");
    await sql.run("UPDATE publisher SET size = 1000000 WHERE name = 'second'");
    const beyond = await (await room.start("publish", "--once", "--name", "second")).ended;
    assert.match(beyond.out, "the ledger has fewer");
  }),
);

publisher("over TLS, signed in; a wrong password, no password and no TLS are each said as what they are", () =>
  withKafkaRoom({ on: "sqlite" }, async (room) => {
    const { secure } = room.broker;
    if (secure === undefined) skip("openssl is not installed");
    const words = ["publish", "--once", "--brokers", secure.address];
    const tls = ["--tls", "--tls-ca", secure.ca];
    const good = { IU_BROKERS_PASSWORD: secure.password };
    for (const mechanism of ["scram-sha-512", "plain"]) {
      const signed = [...words, ...tls, "--user", secure.user, "--sasl", mechanism, "--name", mechanism];
      const { code, out } = await room.run(signed, good);
      assert.is(code, 0, out);
    }
    assert.is(
      new Set((await room.readAll(room.topics.events)).map(readEventMessage).map(({ id }) => id)).size,
      (await room.ledger.store.head()).size,
    );
    const wrong = await room.run([...words, ...tls, "--user", secure.user], { IU_BROKERS_PASSWORD: "wrong" });
    assert.is(wrong.code, 3);
    assert.match(wrong.out, "BROKER_REFUSED");
    assert.not.match(wrong.out + wrong.err, /KafkaJS|at Object/);
    const untrusted = await room.run([...words, "--tls", "--user", secure.user], good);
    assert.is(untrusted.code, 3);
    assert.match(untrusted.out, "self-signed certificate");
    const plain = await room.run([...words, "--user", secure.user], good);
    assert.is(plain.code, 3);
    for (const { out, err } of [wrong, untrusted, plain]) assert.not.match(out + err, secure.password);
  }),
);

publisher.run();
