// The compose file and the Dockerfile, held to what they promise: exact versions, loopback only, no password in them, real health checks, words that
// our command line knows; and the script that sets up Postgres, run on a real one.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import type { Command } from "commander";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Terminal } from "../src/cli/output/Terminal.js";
import { buildProgram } from "../src/cli/program.js";
import { readConfig } from "../src/config.js";
import { openPostgresStore } from "../src/store/openPostgresStore.js";
import { wordsOf } from "./cli/transcript.js";
import { postgresCluster } from "./support/postgresCluster.js";
import { projectFile } from "./support/project.js";
import { parseSimpleYaml, type Yaml } from "./support/simpleYaml.js";
import { skip } from "./support/skip.js";

const compose = suite("compose");

type Service = { [key: string]: Yaml };

const text = readFileSync(projectFile("docker-compose.yml"), "utf8");
const file = parseSimpleYaml(text);
const services = Object.entries(file["services"] as { [name: string]: Service });
const dockerfile = readFileSync(projectFile("Dockerfile"), "utf8");
const manifest = JSON.parse(readFileSync(projectFile("package.json"), "utf8")) as { version: string; files: string[] };

/** A service that runs until it is stopped. */
const lasting = services.filter(([, service]) => service["profiles"] === undefined);
const ours = services.filter(([, { build }]) => build !== undefined);

/** A tag that names one version, to the last number. */
const exact = /^[a-z0-9./-]+:\d+\.(?:\d+\.\d+|\d+)(?:-[a-z0-9.-]+)?$/;

compose("the reader of our YAML reads what it should, and nothing it does not know", () => {
  const read = parseSimpleYaml('a: &x\n  b: "1"\n  c:\n    - d\n    - "e: f"\ng:\n  <<: *x\n  b: ["h", "i"]\nj:\n');
  assert.equal(read, { a: { b: "1", c: ["d", "e: f"] }, g: { b: ["h", "i"], c: ["d", "e: f"] }, j: {} });
  for (const odd of [
    "a: {b: c}",
    "a: 'b'",
    "a: *x",
    "a: b\na: c",
    "a:\n  b: c\n    d: e",
    "\ta: b",
    "a: b: c",
    "a: |\n  b",
  ])
    assert.throws(() => parseSimpleYaml(odd), /./);
});

compose("the five services are there, with exact versions", () => {
  assert.equal(
    lasting.map(([name]) => name),
    ["eventstore", "kafka", "postgres", "worker", "publisher"],
  );
  const images = services.map(([, { image }]) => String(image));
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base = ""]) => base);
  for (const image of [...images, ...bases]) assert.match(image, exact);
  assert.equal(new Set(bases).size, 1);
  for (const [, { image }] of ours) assert.is(image, `iu-ledger:${manifest.version}`);
  assert.not.match(text + dockerfile, /:latest|latest$/m);
});

compose("every port is on loopback, and nothing shares the host's network or more rights than it needs", () => {
  let ports = 0;
  for (const [name, service] of services) {
    for (const port of (service["ports"] ?? []) as string[]) {
      ports += 1;
      assert.match(port, /^127\.0\.0\.1:\d+:\d+$/, name);
    }
    for (const key of ["network_mode", "privileged", "pid", "ipc", "cap_add", "devices", "env_file"])
      assert.not.ok(key in service, `${name}: ${key}`);
    assert.equal(service["cap_drop"], ["ALL"], name);
    assert.equal(service["security_opt"], ["no-new-privileges:true"], name);
  }
  assert.is(ports, 3);
  for (const [name, service] of [...ours, ...services.filter(([each]) => each === "postgres")])
    assert.is(service["read_only"], "true", name);
  assert.match(dockerfile, /^USER node$/m);
  assert.is(services.find(([name]) => name === "postgres")?.[1]["user"], "postgres");
});

compose("no password stands in it: each comes from a variable that must be set", () => {
  let seen = 0;
  for (const [name, service] of services) {
    for (const [key, value] of Object.entries((service["environment"] ?? {}) as { [key: string]: string })) {
      if (!/PASS|SECRET|TOKEN|KEY$/.test(key) || key.endsWith("_FROM")) continue;
      seen += 1;
      assert.match(value, /^\$\{[A-Z_]+:\?[^}]+\}$/, `${name}: ${key}`);
    }
  }
  assert.ok(seen >= 8, String(seen));
  assert.not.match(text, /:\/\/[^/\s"]*:[^/\s"@]*@/);
  assert.not.match(text, /changeit|trust|\$\{[A-Z_]+:-/);
  assert.match(readFileSync(projectFile(".gitignore"), "utf8"), /^\.env$/m);
  assert.match(readFileSync(projectFile(".dockerignore"), "utf8"), /^\*$/m);
  // What the README has people put into the file is what is asked for.
  const asked = new Set([...text.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name]) => name));
  const readme = readFileSync(projectFile("README.md"), "utf8");
  for (const name of asked) assert.match(readme, `${name}=`);
});

compose("everybody is looked after: health, order, restart, time to stop, volumes that are declared", () => {
  const volumes = Object.keys(file["volumes"] as object);
  const used = new Set<string>();
  for (const [name, service] of services) {
    const health = service["healthcheck"] as { [key: string]: Yaml };
    if (service["profiles"] !== undefined) assert.equal([health["disable"], service["restart"]], ["true", "no"], name);
    else {
      assert.ok(Array.isArray(health["test"]) && health["test"].length > 1, name);
      assert.is(service["restart"], "unless-stopped", name);
      assert.match(String(service["stop_grace_period"]), /^\d+s$/, name);
    }
    const after = Object.entries((service["depends_on"] ?? {}) as { [name: string]: { condition: string } });
    for (const [other, { condition }] of after) {
      assert.ok(
        lasting.some(([each]) => each === other),
        `${name} waits for ${other}`,
      );
      assert.is(condition, "service_healthy");
    }
    for (const volume of (service["volumes"] ?? []) as string[]) {
      const [source = ""] = volume.split(":");
      if (source.startsWith("./")) assert.ok(existsSync(projectFile(source)), source);
      else used.add(source);
    }
  }
  for (const [, { depends_on: after }] of ours)
    assert.equal(Object.keys(after as object), ["eventstore", "kafka", "postgres"]);
  assert.equal([...used].sort(), [...volumes].sort());
});

/** The program with every command's work taken out. */
function parser(): Command {
  const terminal = {
    colour: false,
    width: undefined,
    out: () => undefined,
    note: () => undefined,
  } as unknown as Terminal;
  const setting = { terminal, config: readConfig({}), signal: new AbortController().signal };
  const program = buildProgram(setting, { exit: 0, context: undefined }, false);
  const empty = (command: Command): void => {
    if (command.commands.length === 0) command.action(() => undefined);
    for (const child of command.commands) empty(child);
  };
  empty(program);
  return program;
}

/** Whether a ledger on a cluster can be opened by this command line. */
const clusters = parser().options.some(({ long }) => long === "--postgres");

function parses(words: readonly string[]): void {
  if (!clusters) skip("this command line has no --postgres, which a ledger on EventStoreDB needs");
  try {
    parser().parse([...words], { from: "user" });
  } catch (error) {
    throw new Error(`${words.join(" ")}: ${String(error)}`);
  }
}

compose("what is started is a command of ours, with options it has", () => {
  const main = ["node", "/app/bin/iu-ledger.mjs"];
  for (const [name, { command, entrypoint, healthcheck }] of ours) {
    if (entrypoint !== undefined) {
      assert.equal((entrypoint as string[]).slice(0, 2), main, name);
      parses([...(entrypoint as string[]).slice(2), "document", "list"]);
      continue;
    }
    parses(command as string[]);
    const test = (healthcheck as { test: string[] }).test;
    assert.equal(test.slice(0, 3), ["CMD", ...main], name);
    parses(test.slice(3));
  }
});

compose("the README's lines for it are commands of ours too", () => {
  const readme = readFileSync(projectFile("README.md"), "utf8");
  const lines = [...readme.matchAll(/^docker compose run --rm (?:-v \S+ )?iu (.*)$/gm)].map(([, words = ""]) => words);
  assert.ok(lines.length >= 3, String(lines.length));
  for (const line of lines) parses(wordsOf(line));
});

compose("the variables it sets are those the program reads", () => {
  const config = readFileSync(projectFile("src", "config.ts"), "utf8");
  for (const [name, { environment }] of ours) {
    for (const key of Object.keys(environment as object)) {
      // The passphrase is named by IU_PASSPHRASE_FROM; PGPASSWORD is read by the Postgres client.
      if (key === "IU_PASSPHRASE" || key === "PGPASSWORD") continue;
      assert.ok(config.includes(`"${key}"`), `${name}: nobody reads ${key}`);
    }
  }
});

compose("the Dockerfile copies what is there and what the package needs, and leaves compiler and tests behind", () => {
  const [, build = "", last = ""] = dockerfile.split(/^FROM /m);
  for (const stage of [build, last]) {
    for (const [, from, words = ""] of stage.matchAll(/^COPY (--from=build )?(.*)$/gm)) {
      for (const source of words.split(" ").slice(0, -1)) {
        if (from === undefined) assert.ok(statSync(projectFile(source), { throwIfNoEntry: false }), source);
        const ignore = readFileSync(projectFile(".dockerignore"), "utf8").split("\n");
        if (from === undefined) assert.ok(ignore.includes(`!${source}`), `${source} does not reach the builder`);
      }
    }
    assert.match(stage, /^RUN npm ci /m);
  }
  assert.match(last, "npm ci --omit=dev");
  assert.not.match(last, /npm (?:install|i) |\bbench\b|\btest\b|typescript|scripts/);
  assert.not.match(dockerfile, /https?:|registry|--registry/);
  for (const kept of manifest.files) {
    if (kept !== "CHANGELOG.md") assert.match(last, new RegExp(`^COPY (?:--from=build /app/)?${kept} `, "m"));
  }
});

compose(
  "the script for Postgres makes a login that owns its database and nothing else, and the ledger opens there",
  async () => {
    const cluster = await postgresCluster();
    const password = 'it\'s "odd" $HOME `id` \\ ; --';
    const said = spawnSync("sh", [projectFile("compose", "postgres.sh")], {
      encoding: "utf8",
      env: {
        PATH: `${cluster.bin}:${process.env["PATH"]}`,
        PGHOST: "127.0.0.1",
        PGPORT: String(cluster.port),
        POSTGRES_USER: "admin",
        IU_POSTGRES_PASSWORD: password,
      },
    });
    assert.equal([said.status, said.stdout, said.stderr], [0, "", ""]);
    const { rows } = await cluster.admin(
      "postgres",
      `SELECT rolsuper, rolcreatedb, rolcreaterole, rolcanlogin, rolpassword LIKE 'SCRAM-SHA-256$%' AS kept,
       (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'iu') AS owner FROM pg_authid WHERE rolname = 'iu'`,
    );
    assert.equal(rows, [
      { rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolcanlogin: true, kept: true, owner: "iu" },
    ]);
    const store = await openPostgresStore(cluster.url("iu", "iu"), { create: true });
    try {
      assert.is((await store.head()).size, 0);
    } finally {
      await store.close();
    }
  },
);

compose("docker compose itself takes the file, and refuses it without passwords", () => {
  if (spawnSync("docker", ["compose", "version"]).status !== 0) skip("docker compose is not installed");
  const config = (env: Record<string, string>) =>
    spawnSync("docker", ["compose", "--env-file", "/dev/null", "config", "--quiet"], {
      cwd: projectFile(),
      encoding: "utf8",
      env: { PATH: process.env["PATH"] ?? "", ...env },
    });
  const without = config({});
  assert.is.not(without.status, 0);
  assert.match(without.stderr, "is not set");
  const all = config({ POSTGRES_PASSWORD: "a", IU_POSTGRES_PASSWORD: "b", IU_PASSPHRASE: "c" });
  assert.equal([all.status, all.stderr], [0, ""]);
});

compose.run();
