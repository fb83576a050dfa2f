/**
 * What a witness remembers: of each log the newest checkpoint it cosigned, with that cosignature, so that every record vouches for itself. Reading,
 * comparing and writing are one transaction of a SQLite file in the state's folder: a lock that the system takes back from a killed process, and a
 * commit that is on the disk before anything is answered. Must never begin anew with a log that it has cosigned before.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Sql, SqlError, type SqlSession } from "../database/Sql.js";
import { openSqlite } from "../database/sqlite.js";
import { type Checkpoint, parseCheckpoint } from "../tlog/checkpoint.js";
import { openNote } from "../tlog/note.js";
import type { NoteKey } from "../tlog/noteKey.js";
import { same } from "../tlog/proof.js";
import { TlogError } from "../tlog/TlogError.js";
import { type Marks, originHash } from "./marks.js";
import { WitnessError } from "./WitnessError.js";

/** The newest checkpoint of a log that was cosigned. */
export interface Kept {
  readonly checkpoint: Checkpoint;
  /** When, POSIX seconds. */
  readonly timeS: number;
  /** The checkpoint with the log's signature and the cosignature. */
  readonly note: Uint8Array;
}

export interface WitnessState {
  /**
   * Decides about a log while nobody else does, in any process: `decide` is given what is kept and answers the note to keep instead, or null. Resolves
   * when that is on the disk. Throws {@link WitnessError} where what is kept cannot be trusted.
   */
  turn<T extends { readonly keep: Uint8Array | null }>(origin: string, decide: (kept: Kept | null) => T): Promise<T>;
  /** What is kept of the log whose origin has that hash (`originHash`), or null. */
  newest(hash: string): Promise<Kept | null>;
  /** Looks at all that is kept, and at every mark. Answers how many logs there are. Throws {@link WitnessError} on the first that is not as it should be. */
  check(): Promise<number>;
  /** Takes from the marks whatever the state is behind of. Answers what it took. Throws where a mark itself is not this witness's. */
  recover(): Promise<readonly { readonly kept: Kept; readonly from: number | null }[]>;
  close(): Promise<void>;
}

export interface WitnessStateMeans {
  readonly folder: string;
  readonly marks: Marks;
  readonly key: NoteKey;
  /** How long to wait for another process, in milliseconds. */
  readonly lockWaitMs?: number;
}

const schema =
  "CREATE TABLE IF NOT EXISTS cosigned (origin TEXT PRIMARY KEY, note BLOB NOT NULL) STRICT, WITHOUT ROWID;";

/** Opens the state in a folder, made where there is none. Throws {@link WitnessError}. */
export async function openWitnessState(means: WitnessStateMeans): Promise<WitnessState> {
  const { folder, marks, key, lockWaitMs = 5_000 } = means;
  const file = join(folder, "witness.sqlite");
  const sql = await usable(file, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const opened = await openSqlite(file, { lockWaitMs, stays: true });
    try {
      await opened.exec(schema);
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  });
  return stateOver({ sql, file, marks, key });
}

interface Place {
  readonly sql: Sql;
  readonly file: string;
  readonly marks: Marks;
  readonly key: NoteKey;
}

function stateOver(place: Place): WitnessState {
  const { sql, file, marks, key } = place;
  const transaction = <T>(work: (session: SqlSession) => Promise<T>) => usable(file, () => sql.transaction(work));
  const put = (session: SqlSession, hash: string, note: Uint8Array) =>
    session.run(
      "INSERT INTO cosigned (origin, note) VALUES ($1, $2) ON CONFLICT (origin) DO UPDATE SET note = excluded.note",
      [hash, note],
    );

  /** The mark made the newest that is kept. In a turn of its own, behind the commit: a mark that is ahead of the state would be a lie. */
  const mark = (hash: string) =>
    transaction(async (session) => {
      const note = await rowOf(session, hash);
      const there = await marks.read(hash);
      if (note !== null && (there === null || !same(there, note))) await marks.write(hash, note);
    });

  return {
    async turn(origin, decide) {
      const hash = originHash(origin);
      const decided = await transaction(async (session) => {
        const kept = await trusted(place, session, hash);
        const answer = decide(kept);
        if (answer.keep !== null) await put(session, hash, answer.keep);
        return answer;
      });
      if (decided.keep !== null) await mark(hash);
      return decided;
    },
    newest: (hash) => usable(file, () => trusted(place, sql, hash)),
    check: () =>
      transaction(async (session) => {
        const rows = await session.query<{ origin: Uint8Array }>("SELECT CAST(origin AS BLOB) AS origin FROM cosigned");
        const hashes = new Set([...rows.map(({ origin }) => Buffer.from(origin).toString()), ...(await marks.names())]);
        for (const hash of hashes) await trusted(place, session, hash);
        return hashes.size;
      }),
    recover: () =>
      transaction(async (session) => {
        const taken: { kept: Kept; from: number | null }[] = [];
        for (const hash of await marks.names()) {
          const marked = opened(await marks.read(hash), hash, key, marks.folder);
          const kept = opened(await rowOf(session, hash), hash, key, file);
          if (marked === null || (kept !== null && !isBehind(kept, marked))) continue;
          await put(session, hash, marked.note);
          taken.push({ kept: marked, from: kept?.checkpoint.size ?? null });
        }
        return taken;
      }),
    close: () => sql.close(),
  };
}

async function rowOf(session: Pick<SqlSession, "query">, hash: string): Promise<Uint8Array | null> {
  const [row] = await session.query<{ note: Uint8Array }>(
    "SELECT CAST(note AS BLOB) AS note FROM cosigned WHERE origin = $1",
    [hash],
  );
  return row?.note ?? null;
}

/** What is kept, if it is what this witness cosigned last as far as its mark knows. */
async function trusted(
  { file, marks, key }: Place,
  session: Pick<SqlSession, "query">,
  hash: string,
): Promise<Kept | null> {
  const marked = opened(await marks.read(hash), hash, key, marks.folder);
  const kept = opened(await rowOf(session, hash), hash, key, file);
  if (marked === null) return kept;
  const { origin, size } = marked.checkpoint;
  const next =
    "Put the newer state back. If it is lost, and nothing was cosigned after the marks were written, go on from them: iu-ledger witness recover";
  if (kept === null) {
    throw new WitnessError(
      "WITNESS_STATE_ROLLED_BACK",
      `nothing is kept of ${origin} in ${file}; the mark says that ${size} events of it were cosigned`,
      next,
      { kept: 0, cosigned: size },
    );
  }
  if (isBehind(kept, marked)) {
    throw new WitnessError(
      "WITNESS_STATE_ROLLED_BACK",
      `the newest checkpoint of ${origin} kept in ${file} is of ${kept.checkpoint.size} events at ${kept.timeS}; the mark says that ${size} were cosigned at ${marked.timeS}`,
      next,
      { kept: kept.checkpoint.size, cosigned: size },
    );
  }
  return kept;
}

/** Whether the one was cosigned before the other. Of one size there is one root: two are no order but a contradiction, and count as behind. */
function isBehind(kept: Kept, marked: Kept): boolean {
  const [a, b] = [kept.checkpoint, marked.checkpoint];
  if (a.size === b.size && !same(a.root, b.root)) return true;
  return a.size < b.size || kept.timeS < marked.timeS;
}

/** A record, if this witness cosigned it for that log. */
function opened(note: Uint8Array | null, hash: string, key: NoteKey, where: string): Kept | null {
  if (note === null) return null;
  const said = openNote(note, [key]);
  const [by] = said.ok ? said.verified : [];
  if (!said.ok || by?.timeS == null) {
    throw corrupt(where, hash, said.ok ? "it has no time" : said.why);
  }
  try {
    const checkpoint = parseCheckpoint(said.text);
    if (originHash(checkpoint.origin) !== hash) throw corrupt(where, hash, `it is of ${checkpoint.origin}`);
    return { checkpoint, timeS: by.timeS, note };
  } catch (error) {
    if (error instanceof TlogError) throw corrupt(where, hash, error.message);
    throw error;
  }
}

function corrupt(where: string, hash: string, why: string): WitnessError {
  return new WitnessError(
    "WITNESS_STATE_CORRUPT",
    `what is kept in ${where} of the log ${hash} is not what this witness cosigned: ${why}`,
    "Put the true one back from where it was copied to. Another key is another witness: give it a state of its own.",
    { log: hash },
  );
}

async function usable<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isSystem = typeof code === "string" && /^E[A-Z0-9]+$/.test(code);
    if (!(error instanceof SqlError) && !isSystem) throw error;
    const damaged = code === "CORRUPT" || code === "NOT_A_DATABASE";
    throw new WitnessError(
      damaged ? "WITNESS_STATE_CORRUPT" : "WITNESS_STATE_UNUSABLE",
      `the state in ${file} ${damaged ? "is damaged" : "cannot be used"}: ${(error as Error).message}`,
      damaged
        ? "Put it back from where it was copied to, or go on from the marks in an empty folder: iu-ledger witness recover"
        : ((error as SqlError).next ?? "Give this user access to the folder, make room there, and try again."),
      {},
      error,
    );
  }
}
