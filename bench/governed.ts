/**
 * What whole commands cost on a store, from the signature to the read models: submitted, replayed by groups of checks, followed and rebuilt.
 * There is no limit to set beside these.
 */
import { publicKeyOf } from "../src/keys/Signer.js";
import { catchUp } from "../src/projecting/catchUp.js";
import { shadowDigests } from "../src/projecting/shadow.js";
import type { CheckName } from "../src/replay/Check.js";
import { replay } from "../src/replay/replay.js";
import type { LedgerStore } from "../src/store/openStore.js";
import { governedLedger, signerOfName } from "../test/support/governedRun.js";
import { median, perSecond, rateOf, table } from "./measure.js";

const governedRuns = 12;

export interface GovernedOptions {
  /** Rounds of which the medians are taken. */
  readonly rounds: number;
  readonly print: (line: string) => void;
}

/** `store` must be an empty ledger. */
export async function governed(store: LedgerStore, { rounds, print }: GovernedOptions): Promise<void> {
  const ledger = await governedLedger({ store });
  const rows: [string, string][] = [];
  const row = async (work: string, side: () => Promise<number>, times = rounds) => {
    const rates: number[] = [];
    for (let round = 0; round < times; round++) rates.push(await rateOf(side));
    rows.push([work, perSecond(median(rates))]);
  };
  let people = 0;
  const register = () => {
    const principal = `agent-${people++}`;
    const key = publicKeyOf(signerOfName(principal).privateKey);
    const data = {
      principal,
      kind: "agent" as const,
      name: principal,
      roles: ["editor" as const],
      responsible: "carl",
      key,
    };
    return ledger.sign("RegisterPrincipal", data, "ada");
  };
  const envelopes = (count: number) => Array.from({ length: (rounds + 1) * count }, register);
  const alone = envelopes(100);
  const together = envelopes(400);
  await row("commands submitted, one after another", async () => {
    for (let i = 0; i < 100; i++) await ledger.ledger.submit(alone.pop() as Uint8Array);
    return 100;
  });
  await row("commands submitted, 32 at once", async () => {
    const waiting = together.splice(0, 400);
    const caller = async () => {
      for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) await ledger.ledger.submit(one);
    };
    await Promise.all(Array.from({ length: 32 }, caller));
    return 400;
  });
  const bytes = statuteOf(60);
  const before = (await store.head()).size;
  await row(
    "events of whole runs of 60 units, from document to enacted",
    async () => {
      const start = (await store.head()).size;
      for (let i = 0; i < governedRuns; i++) await ledger.run({ bytes });
      return (await store.head()).size - start;
    },
    1,
  );
  const { size } = await store.head();
  const replaying = (checks: readonly CheckName[]) => async () => (await replay(store, { checks })).size;
  await row("events replayed: signatures and roles", replaying(["signatures"]));
  await row("events replayed: every command decided again", replaying(["state-machine"]));
  await row("events replayed: writers re-run", replaying(["writers"]));
  await row("events replayed: content and lossless rules", replaying(["content"]));
  await row("events replayed: everything but projections", async () => (await replay(store)).size);
  await row(
    "events followed by the projections",
    async () => {
      await catchUp(store, store.sql);
      return size;
    },
    1,
  );
  await row("events rebuilt into projections, in shadow", async () => (await shadowDigests(store)).size);
  print("");
  for (const line of table([`governed, ${size} events in ${size - before > 0 ? governedRuns : 0} runs`, "rate"], rows))
    print(line);
}

/** A statute of so many articles. */
export function statuteOf(count: number): Buffer {
  const articles = Array.from(
    { length: count },
    (_, i) => `Article ${i + 1}. What article ${i + 1} says is said in this sentence.\n`,
  );
  return Buffer.from(`A Statute\n\n${articles.join("\n")}`);
}
