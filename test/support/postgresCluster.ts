// A Postgres server of its own for one test file: made in a temporary folder, on a free loopback port, as an unprivileged user, with
// fsync on; stopped and removed when the file's process ends, however it ends. Where Postgres is not installed the test is skipped, aloud.
import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chmod, chown, mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { skip } from "./skip.js";

const execute = promisify(execFile);

export interface PostgresCluster {
  /** The URL of a database, for the owner of the cluster or for another login. */
  url(database: string, login?: string): string;
  /** The folder of its programs (pgbench and others). */
  readonly bin: string;
  readonly port: number;
  /** A new, empty database; its name. `template` is copied. */
  createDatabase(options?: { template?: string }): Promise<string>;
  /** Runs statements as the superuser. */
  admin(database: string, sql: string): Promise<pg.QueryResult>;
  /** `pg_ctl restart -m mode`: "immediate" is what a crash of the server is. */
  restart(mode: "fast" | "immediate"): Promise<void>;
  stop(mode: "fast" | "immediate"): Promise<void>;
  start(): Promise<void>;
  /** Gives a folder to the user it runs as. */
  own(folder: string): Promise<void>;
  /** Runs one of its programs as the user it runs as; the standard output. */
  run(program: string, args: readonly string[]): Promise<string>;
}

/** The oldest Postgres the ledger is for. */
const versionMin = 14;

let shared: Promise<PostgresCluster> | undefined;

/** The cluster of this test file, started when it is first asked for. Skips the running test where there is no Postgres. */
export function postgresCluster(): Promise<PostgresCluster> {
  const bin = findPostgres();
  if (bin === undefined)
    skip("Postgres 14 or newer is not installed (initdb and postgres, in PATH or /usr/lib/postgresql)");
  shared ??= startCluster(bin);
  return shared;
}

function findPostgres(): string | undefined {
  const versions = "/usr/lib/postgresql";
  const debian = existsSync(versions)
    ? readdirSync(versions)
        .filter((name) => Number(name) >= versionMin)
        .sort((a, b) => Number(b) - Number(a))
        .map((name) => join(versions, name, "bin"))
    : [];
  const inPath = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...debian, ...inPath].find((folder) =>
    ["initdb", "postgres", "pg_ctl"].every((program) => existsSync(join(folder, program))),
  );
}

/** What goes before a command to run it as somebody else: Postgres refuses to run as root. */
function unprivileged(): { prefix: string[]; uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  // "nobody" has this id everywhere; it needs no entry in the list of users.
  const [uid, gid] = [65_534, 65_534];
  return { prefix: ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--"], uid, gid };
}

/** Waits until this process is gone, then stops the server and removes its folder: also after a kill that leaves no time for it. */
const guardian = `
trap '' INT TERM HUP
cat > /dev/null
if [ -f "$1/data/postmaster.pid" ]; then kill -QUIT "$(head -n 1 "$1/data/postmaster.pid")" 2>/dev/null; fi
for _ in 1 2 3 4 5 6 7 8 9 10; do
  [ -f "$1/data/postmaster.pid" ] && kill -0 "$(head -n 1 "$1/data/postmaster.pid")" 2>/dev/null || break
  sleep 0.2
done
rm -rf "$1"
`;

async function startCluster(bin: string): Promise<PostgresCluster> {
  const user = unprivileged();
  const root = await mkdtemp(join(tmpdir(), "iu-ledger-postgres-"));
  const watch = spawn("sh", ["-c", guardian, "guardian", root], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watch.unref();
  (watch.stdin as unknown as { unref(): void }).unref();
  const run = async (program: string, args: readonly string[]): Promise<string> => {
    const [command, ...rest] = [...(user?.prefix ?? []), join(bin, program), ...args] as [string, ...string[]];
    const { stdout } = await execute(command, rest, { cwd: root, env: { ...process.env, LC_ALL: "C.UTF-8" } });
    return stdout;
  };
  const data = join(root, "data");
  const own = async (folder: string) => {
    if (user !== undefined) await chown(folder, user.uid, user.gid);
    await chmod(folder, 0o700);
  };
  await own(root);
  await run("initdb", ["-D", data, "-U", "admin", "--auth=trust", "-E", "UTF8", "--no-locale", "--no-sync"]);
  const port = await freePort();
  await writeFile(
    join(data, "postgresql.auto.conf"),
    [
      `port = ${port}`,
      "listen_addresses = '127.0.0.1'",
      `unix_socket_directories = '${root}'`,
      "fsync = on",
      "shared_buffers = 64MB",
      "max_connections = 80",
      "max_wal_size = 1GB",
      "",
    ].join("\n"),
  );
  const log = join(root, "log");
  const start = async () => void (await run("pg_ctl", ["-D", data, "-l", log, "-w", "-t", "60", "start"]));
  const stop = async (mode: string) => void (await run("pg_ctl", ["-D", data, "-w", "-t", "60", "-m", mode, "stop"]));
  await start();

  let serial = 0;
  const url = (database: string, login = "admin") => `postgres://${login}@127.0.0.1:${port}/${database}`;
  const admin: PostgresCluster["admin"] = async (database, sql) => {
    const client = new pg.Client(url(database));
    client.on("error", () => undefined);
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  };
  return {
    url,
    bin,
    port,
    async createDatabase({ template = "template0" } = {}) {
      const name = `ledger_${++serial}`;
      await admin("postgres", `CREATE DATABASE ${name} TEMPLATE ${template}`);
      return name;
    },
    admin,
    restart: async (mode) => {
      await stop(mode);
      await start();
    },
    stop,
    start,
    own,
    run,
  };
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(address)));
    });
  });
}
