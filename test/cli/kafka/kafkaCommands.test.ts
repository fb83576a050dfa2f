// `worker` and `publish` before there is a broker: what is missing or cannot be meant is said at once, with the next step.
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Context } from "../../../src/cli/Context.js";
import { securityOf } from "../../../src/cli/kafka/brokers.js";
import { Stop } from "../../../src/cli/output/Problem.js";
import { readConfig } from "../../../src/config.js";
import { withCli } from "../withCli.js";

const kafka = suite("cli: kafka");

kafka("no broker named, or none that can be meant: malformed, before anything is opened", () =>
  withCli(async ({ iu, json }) => {
    for (const command of ["worker", "publish"]) {
      const { exit, err } = await iu([command]);
      assert.is(exit, 2);
      assert.match(err, "No Kafka broker was named");
      assert.match(err, "--brokers HOST:PORT, or set IU_BROKERS");
      for (const wrong of ["localhost", "localhost:0", "localhost:70000", "a b:9092", "ok:9092,", "kafka://h:9092"]) {
        const answer = await json<{ error: { code: string; numbers: object } }>(command, "--brokers", wrong);
        assert.is(answer.error.code, "BROKER_MALFORMED", wrong);
      }
      const topics = await json<{ error: { code: string } }>(command, "--brokers", "h:1", "--topics", "a/b");
      assert.is(topics.error.code, "TOPICS_MALFORMED");
      const many = await json<{ error: { code: string } }>(command, "--brokers", "h:1", "--partitions", "0");
      assert.is(many.error.code, "OPTION_OUT_OF_RANGE");
    }
    const name = await json<{ error: { code: string } }>("publish", "--brokers", "h:1", "--name", "");
    assert.is(name.error.code, "NAME_MALFORMED");
  }),
);

kafka("who signs in, and over what: contradictions and open passwords are malformed", () =>
  withCli(async ({ dir, json }) => {
    writeFileSync(join(dir, "none.pem"), "nothing");
    const tries: [string[], string][] = [
      [["--tls-ca", "none.pem"], "OPTIONS_CONTRADICT"],
      [["--tls", "--tls-ca", "none.pem"], "CERTIFICATES_MALFORMED"],
      [["--tls", "--tls-ca", "gone.pem"], "CERTIFICATES_UNREADABLE"],
      [["--sasl", "plain"], "OPTIONS_CONTRADICT"],
      [["--user", "iu", "--sasl", "gssapi"], "SASL_UNKNOWN"],
      [["--user", "iu"], "PASSWORD_MISSING"],
    ];
    for (const [words, code] of tries) {
      const { error } = await json<{ error: { code: string } }>("publish", "--brokers", "h.example:1", ...words);
      assert.is(error.code, code, words.join(" "));
    }
  }),
);

kafka("a password is not sent in the clear to another machine", () => {
  const context = { config: { ...readConfig({ IU_BROKERS_PASSWORD: "secret" }) } } as unknown as Context;
  const words = { topics: "iu", user: "iu", sasl: "plain" };
  const code = (more: object, broker: string) => {
    try {
      return Object.keys(securityOf(context, { ...words, ...more }, ["localhost:1", broker])).join();
    } catch (error) {
      return error instanceof Stop ? error.problem.code : "?";
    }
  };
  assert.is(code({}, "h.example:1"), "PASSWORD_OPEN");
  assert.is(code({}, "127.example.org:1"), "PASSWORD_OPEN");
  assert.is(code({}, "127.0.0.1:1"), "user");
  assert.is(code({ tls: true }, "h.example:1"), "tls,user");
  assert.is(code({ sasl: "scram-sha-256" }, "h.example:1"), "user");
});

kafka("the environment may name the brokers", () => {
  assert.is(readConfig({ IU_BROKERS: "a:1,b:2" }).brokers, "a:1,b:2");
  assert.is(readConfig({ IU_BROKERS: "" }).brokers, undefined);
});

kafka("no ledger, then no operator, then no broker: each said with what to do", () =>
  withCli(async ({ iu }) => {
    const port = await closedPort();
    const worker = ["worker", "--brokers", `127.0.0.1:${port}`];
    const none = await iu(worker);
    assert.is(none.exit, 3);
    assert.match(none.err, "code NOT_A_LEDGER");
    await iu(["init"]);
    const nobody = await iu(worker);
    assert.is(nobody.exit, 3);
    assert.match(nobody.err, "RecordDeadLetter needs an operator");
    assert.match(nobody.err, "iu-ledger principal add worker --kind service --role operator --responsible");
    const add = ["principal", "add", "worker", "--kind", "service", "--role", "operator", "--responsible", "editor"];
    assert.is((await iu(add)).exit, 0);
    for (const command of [worker, ["publish", "--brokers", `127.0.0.1:${port}`]]) {
      const { exit, err, out } = await iu(command);
      assert.is(exit, 3);
      assert.match(err, `No Kafka broker answers at 127.0.0.1:${port}`);
      assert.match(err, "code BROKER_UNAVAILABLE");
      assert.match(err, "next Check that Kafka runs and listens at");
      assert.is(out, "", "the client says nothing of its own");
    }
  }),
);

/** A port nobody listens at: it was free a moment ago. */
function closedPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(address)));
    });
  });
}

kafka.run();
