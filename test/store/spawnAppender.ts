/** Runs `appender.ts` in a process of its own, listens to what it acknowledges, and checks a ledger against that. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import type { Store } from "../../src/ledger/Store.js";
import { emptyRange, extendRange, hashLeaf, rootHex } from "../../src/tlog/tree.js";

export interface Ack {
  readonly id: string;
  readonly position: number;
  readonly count: number;
}

export interface Appended {
  readonly acks: readonly Ack[];
  readonly done: boolean;
  readonly stderr: string;
}

/** Runs an appender to its end; `onAck` may kill it earlier. */
export async function runAppender(
  path: string,
  name: string,
  commands: number,
  onAck: (count: number, child: ChildProcess) => void = () => undefined,
): Promise<Appended> {
  const script = fileURLToPath(new URL("./appender.js", import.meta.url));
  const child = spawn(process.execPath, [script, path, name, String(commands)], { stdio: ["ignore", "pipe", "pipe"] });
  const acks: Ack[] = [];
  let done = false;
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const closed = once(child, "close");
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, id, position, count] = line.split(" ");
    if (word === "done") done = true;
    if (word !== "ack" || count === undefined) continue;
    acks.push({ id: id as string, position: Number(position), count: Number(count) });
    onAck(acks.length, child);
  }
  await closed;
  return { acks, done, stderr };
}

/** Everything the store promised those who appended: all acknowledged there, once, whole; dense; guards held; the root right. */
export async function assertWhole(store: Store, acks: readonly Ack[]): Promise<void> {
  const { size, root } = await store.head();
  const events = await store.read(0, size + 1);
  assert.is(events.length, size);
  assert.is(
    rootHex(
      extendRange(
        emptyRange,
        events.map((event) => hashLeaf(event.bytes)),
      ),
    ),
    root,
  );
  const next = new Map<string, number>();
  let shared = -1;
  for (const [position, event] of events.entries()) {
    assert.is(event.position, position);
    assert.is(event.revision, next.get(event.stream) ?? 0, `${event.stream} at ${position}`);
    next.set(event.stream, event.revision + 1);
    const said = JSON.parse(Buffer.from(event.bytes).toString("utf8")) as {
      stream: string;
      revision: number;
      seen: number;
    };
    assert.is(said.stream, event.stream);
    assert.is(said.revision, event.revision);
    if (event.stream !== "counter-shared") continue;
    assert.is(said.seen, shared, "a guard was violated");
    shared = event.revision;
  }
  const commands = await store.commands(0, size);
  assert.is(new Set(commands.map((command) => command.id)).size, commands.length);
  assert.is(
    commands.reduce((sum, { parts }) => sum + (parts[0]?.count ?? 0), 0),
    size,
    "half an append",
  );
  const places = new Map(commands.map((command) => [command.id, command.parts[0]]));
  for (const { id, position, count } of acks) {
    assert.equal(places.get(id), { position, count, last: true }, `${id} was acknowledged`);
  }
}
