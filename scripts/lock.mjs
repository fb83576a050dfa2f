// One process at a time: a lock that is a directory (mkdir is atomic on every file system we meet).
// A lock whose owner is gone is taken over, so a crash never asks a person to delete anything.
// Must never be held over anything but installing and building: whoever waits, waits for all of it.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const waitMaxMs = 15 * 60_000;
/** How long an owner may take between making the directory and writing its name into it. */
const namelessMaxMs = 10_000;

/**
 * Runs `work` while holding the lock directory `path`. `onWait` is called once, with the owner, when the lock is taken.
 * Throws when the lock stays taken for 15 minutes.
 *
 * @template T
 * @param {string} path
 * @param {(owner: string) => void} onWait
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, onWait, work) {
  const mine = `${process.pid} ${hostname()} ${Date.now()}`;
  await acquire(path, mine, onWait);
  const release = () => {
    if (ownerOf(path) === mine) rmSync(path, { recursive: true, force: true });
  };
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

async function acquire(path, mine, onWait) {
  mkdirSync(dirname(path), { recursive: true });
  const since = Date.now();
  for (let told = false; ; ) {
    try {
      mkdirSync(path);
      writeFileSync(join(path, "owner"), mine);
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const owner = ownerOf(path);
    if (isGone(path, owner)) {
      takeAway(path, owner);
      continue;
    }
    if (!told) onWait(owner ?? "another process");
    told = true;
    if (Date.now() - since > waitMaxMs) {
      throw new Error(
        `${path} has been held for 15 minutes by process ${owner}; stop that process, or remove the directory`,
      );
    }
    await sleep(100);
  }
}

function ownerOf(path) {
  try {
    return readFileSync(join(path, "owner"), "utf8");
  } catch {
    return undefined;
  }
}

function isGone(path, owner) {
  if (owner === undefined || owner === "") {
    const age = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    return age !== undefined && Date.now() - age > namelessMaxMs;
  }
  const [pid, host, since] = owner.split(" ");
  if (host !== hostname()) return Date.now() - Number(since) > waitMaxMs;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

/** Renaming first lets exactly one of several waiters win; the owner is read again because another may have won before. */
function takeAway(path, owner) {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  if (ownerOf(aside) === owner) rmSync(aside, { recursive: true, force: true });
  else renameSync(aside, path);
}
