// A Kafka broker of its own for one test file: one node in KRaft mode (broker and controller in one), in a temporary folder, on free loopback
// ports; stopped and removed when the file's process ends, however it ends. Its published jars are resolved by Maven once and kept in the
// system's temporary folder. Where Java or Maven is missing, or cannot resolve them, the test is skipped, aloud.
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { skip } from "./skip.js";

const execute = promisify(execFile);

export interface KafkaBroker {
  /** `host:port`, for anybody. */
  readonly address: string;
  /** The same broker over TLS, for whoever signs in; undefined where there is no openssl to make a certificate with. */
  readonly secure: SecureListener | undefined;
  start(): Promise<void>;
  /** As its operator stops it. */
  stop(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
}

export interface SecureListener {
  readonly address: string;
  /** The file of the certificate to trust, PEM. */
  readonly ca: string;
  readonly user: string;
  readonly password: string;
}

/** The newest release that runs on Java 11 and later and still speaks to every client since 0.10. */
const kafkaVersion = "3.9.1";

const pom = `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>iu-ledger.test</groupId>
  <artifactId>kafka-broker</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${kafkaVersion}</version>
    </dependency>
  </dependencies>
</project>
`;

let shared: Promise<KafkaBroker> | undefined;

/** The broker of this test file, started when it is first asked for. Skips the running test where there can be none. */
export async function kafkaBroker(): Promise<KafkaBroker> {
  const why = await missing();
  if (why !== undefined) skip(why);
  const jars = await resolvedJars();
  if (jars === undefined) skip(`Maven cannot resolve Kafka ${kafkaVersion} here`);
  shared ??= makeBroker(jars);
  return shared;
}

async function missing(): Promise<string | undefined> {
  for (const [program, flag] of [
    ["java", "-version"],
    ["mvn", "-version"],
  ] as const) {
    try {
      await execute(program, [flag]);
    } catch {
      return `${program === "java" ? "Java" : "Maven"} is not installed`;
    }
  }
  return undefined;
}

/** The folder with the jars; resolved into a folder of its own first, so that one half filled is never used. */
async function resolvedJars(): Promise<string | undefined> {
  const kept = join(tmpdir(), `iu-ledger-kafka-${kafkaVersion}`);
  if (existsSync(kept)) return kept;
  const work = await mkdtemp(join(tmpdir(), "iu-ledger-maven-"));
  try {
    await writeFile(join(work, "pom.xml"), pom);
    const copy = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
    await execute("mvn", ["-B", "-q", copy, "-DoutputDirectory=jars", "-DincludeScope=runtime"], {
      cwd: work,
      timeout: 300_000,
    });
    if (!(await readdir(join(work, "jars"))).includes(`kafka_2.13-${kafkaVersion}.jar`)) return undefined;
    // Another test file may have been quicker.
    await rename(join(work, "jars"), kept).catch(() => undefined);
    return existsSync(kept) ? kept : undefined;
  } catch {
    return undefined;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Waits until this process is gone, then kills the broker and removes its folder: also after a kill that leaves no time for it. */
const guardian = `
trap '' INT TERM HUP
cat > /dev/null
if [ -f "$1/pid" ]; then kill -9 "$(cat "$1/pid")" 2>/dev/null; fi
sleep 0.3
rm -rf "$1"
`;

async function makeBroker(jars: string): Promise<KafkaBroker> {
  const root = await mkdtemp(join(tmpdir(), "iu-ledger-kafka-broker-"));
  const watch = spawn("sh", ["-c", guardian, "guardian", root], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watch.unref();
  (watch.stdin as unknown as { unref(): void }).unref();
  const [port, controller, securePort] = [await freePort(), await freePort(), await freePort()];
  const secure = await makeSecure(root, securePort);
  const properties = join(root, "server.properties");
  await mkdir(join(root, "data"));
  await writeFile(properties, settings(root, port, controller, secure));
  const java = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", join(jars, "*")];
  const id = randomBytes(16).toString("base64url").replace(/^-/, "A");
  const scram = secure === undefined ? [] : ["-S", `SCRAM-SHA-512=[name=${secure.user},password=${secure.password}]`];
  await execute("java", [...java, "kafka.tools.StorageTool", "format", "-t", id, "-c", properties, ...scram]);
  const log = openSync(join(root, "log"), "a");
  const pidFile = join(root, "pid");
  let ended: Promise<void> = Promise.resolve();

  async function start(): Promise<void> {
    const child = spawn("java", [...java, "kafka.Kafka", properties], { stdio: ["ignore", log, log], detached: true });
    child.unref();
    let over = false;
    ended = new Promise((resolve) => {
      child.on("close", () => {
        over = true;
        rmSync(pidFile, { force: true });
        resolve();
      });
    });
    await writeFile(pidFile, String(child.pid));
    for (let tries = 0; !over && tries < 600; tries++) {
      if (await answers(port)) return;
      await sleep(100);
    }
    throw new Error(`the broker did not start:\n${readFileSync(join(root, "log"), "utf8").slice(-4000)}`);
  }

  async function end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    process.kill(Number(readFileSync(pidFile, "utf8")), signal);
    await ended;
  }

  await start();
  return { address: `127.0.0.1:${port}`, secure, start, stop: () => end("SIGTERM"), kill: () => end("SIGKILL") };
}

/** A key, a certificate for this machine signed with it, and a user. */
async function makeSecure(root: string, port: number): Promise<SecureListener | undefined> {
  const [key, ca] = [join(root, "key.pem"), join(root, "ca.pem")];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=broker"];
  try {
    await execute("openssl", [...request, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", ca]);
  } catch {
    return undefined;
  }
  await writeFile(join(root, "both.pem"), readFileSync(key, "utf8") + readFileSync(ca, "utf8"));
  return { address: `127.0.0.1:${port}`, ca, user: "iu", password: randomBytes(12).toString("hex") };
}

function settings(root: string, port: number, controller: number, secure: SecureListener | undefined): string {
  const more = secure === undefined ? "" : `,SECURE://${secure.address}`;
  return `${[
    "process.roles=broker,controller",
    "node.id=1",
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}${more}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}${more}`,
    "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL",
    "listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN",
    "listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
    `listener.name.secure.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_${secure?.user ?? "nobody"}="${secure?.password ?? ""}";`,
    ...(secure === undefined
      ? []
      : [
          "listener.name.secure.ssl.keystore.type=PEM",
          `listener.name.secure.ssl.keystore.location=${join(root, "both.pem")}`,
        ]),
    "controller.listener.names=CONTROLLER",
    `log.dirs=${join(root, "data")}`,
    "auto.create.topics.enable=false",
    "offsets.topic.replication.factor=1",
    "offsets.topic.num.partitions=1",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "group.initial.rebalance.delay.ms=0",
    "group.min.session.timeout.ms=1000",
    "num.network.threads=2",
    "num.io.threads=3",
    "log.cleaner.enable=false",
  ].join("\n")}\n`;
}

/** Whether something takes connections there. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const over = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.on("connect", () => over(true));
    socket.on("error", () => over(false));
  });
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
