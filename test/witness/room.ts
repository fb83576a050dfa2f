/** A log in memory with branches that fork, and a witness over HTTP in a folder of its own: what its tests share. */
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { formatAddCheckpoint } from "../../src/tlog/addCheckpoint.js";
import { formatVkey, type NoteSigner } from "../../src/tlog/noteKey.js";
import { type Proof, planConsistency, prove } from "../../src/tlog/proof.js";
import { signCheckpoint } from "../../src/tlog/signedCheckpoint.js";
import { emptyRange, extendRange, hashLeaf, hashNode, rootOf } from "../../src/tlog/tree.js";
import { knownLogs } from "../../src/witness/judgeCheckpoint.js";
import { type Marks, marksIn } from "../../src/witness/marks.js";
import { type limitDefaults, type Served, serveWitness, type WitnessServer } from "../../src/witness/serveWitness.js";
import { openWitnessState, type WitnessState } from "../../src/witness/witnessState.js";
import { withTempDir } from "../support/withTempDir.js";
import { signerOf, witnessOf } from "../tlog/keys.js";

export const origin = "ledger.example/acme";

export interface Log {
  readonly signer: NoteSigner;
  root(size: number): Uint8Array;
  /** The signed checkpoint of the first `size` leaves. */
  note(size: number): Uint8Array;
  proof(from: number, to: number): Proof;
  /** The request to cosign `size`, from `old` on. */
  ask(old: number, size: number): Uint8Array;
}

/** A log whose leaves up to `fork` are everybody's, and from there on those of its branch. */
export function logOf(branch: string, fork = 0, signer = signerOf(origin)): Log {
  const leaf = (i: number) => hashLeaf(Buffer.from(i < fork ? `leaf ${i}` : `leaf ${i} of ${branch}`));
  const node = (level: number, index: number): Uint8Array =>
    level === 0 ? leaf(index) : hashNode(node(level - 1, 2 * index), node(level - 1, 2 * index + 1));
  const hashOf = ({ level, index }: { level: number; index: number }) => node(level, index);
  const root = (size: number) =>
    rootOf(
      extendRange(
        emptyRange,
        Array.from({ length: size }, (_, i) => leaf(i)),
      ),
    );
  const proof = (from: number, to: number) => prove(planConsistency(from, to), hashOf);
  const note = (size: number) => signCheckpoint({ origin: signer.name, size, root: root(size) }, signer);
  return {
    signer,
    root,
    note,
    proof,
    ask: (old, size) => formatAddCheckpoint({ oldSize: old, proof: proof(old, size), note: note(size) }),
  };
}

export interface Answered {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** One request on a connection of its own. */
export function asked(
  port: number,
  {
    path = "/add-checkpoint",
    method = "POST",
    body = new Uint8Array(),
  }: { path?: string; method?: string; body?: Uint8Array } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers["content-type"] ?? "",
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

export interface WitnessRoom {
  readonly dir: string;
  readonly key: NoteSigner;
  readonly port: number;
  readonly url: string;
  readonly marks: Marks;
  readonly state: WitnessState;
  readonly served: Served[];
  readonly running: WitnessServer;
  /** What the witness's clock says: POSIX seconds. */
  clockS: number;
  ask(body: Uint8Array): Promise<Answered>;
}

export interface RoomOptions {
  readonly vkeys?: readonly string[];
  readonly limits?: Partial<typeof limitDefaults>;
  readonly name?: string;
  readonly clockS?: number;
  /** A folder that is there already, with the state of before. */
  readonly dir?: string;
}

/** A moment that every test agrees on. */
export const aTimeS = Date.UTC(2026, 0, 5, 9) / 1000;

export async function withWitness<T>(use: (room: WitnessRoom) => Promise<T>, options: RoomOptions = {}): Promise<T> {
  const { dir } = options;
  return dir === undefined ? withTempDir((fresh) => serving(fresh, use, options)) : serving(dir, use, options);
}

async function serving<T>(dir: string, use: (room: WitnessRoom) => Promise<T>, options: RoomOptions): Promise<T> {
  const { vkeys = [formatVkey(signerOf(origin))], limits = {}, name = "witness.example/w1", clockS = aTimeS } = options;
  const key = witnessOf(name);
  const marks = marksIn(join(dir, "marks"));
  const state = await openWitnessState({ folder: join(dir, "state"), marks, key });
  try {
    const served: Served[] = [];
    const clock = { clockS };
    const running = await serveWitness({
      witness: { signer: key, logs: knownLogs(vkeys), state, now: () => clock.clockS * 1000 },
      port: 0,
      limits,
      onServed: (one) => served.push(one),
    });
    const { port } = running.server.address() as AddressInfo;
    const room = {
      dir,
      key,
      port,
      url: `http://127.0.0.1:${port}`,
      marks,
      state,
      served,
      running,
      ask: (body: Uint8Array) => asked(port, { body }),
    };
    try {
      return await use(Object.assign(clock, room));
    } finally {
      await running.stop();
    }
  } finally {
    await state.close();
  }
}
