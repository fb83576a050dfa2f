/** The tiles over HTTP: what is there with its type and how long it may be kept; nothing else by any spelling. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kindOf, serveTiles } from "../../src/http/serveTiles.js";
import { withTempDir } from "../support/withTempDir.js";

const test = suite("tiles over HTTP");

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

async function withServed(
  use: (ask: (path: string, method?: string) => Promise<Answer>, port: number, folder: string) => Promise<void>,
) {
  await withTempDir(async (dir) => {
    const folder = join(dir, "public");
    mkdirSync(join(folder, "tile", "0", "000.p"), { recursive: true });
    mkdirSync(join(folder, "tile", "entries"), { recursive: true });
    writeFileSync(join(folder, "checkpoint"), "a checkpoint — signed\n");
    writeFileSync(join(folder, "tile", "0", "000.p", "3"), "three");
    writeFileSync(join(folder, "tile", "entries", "000"), "entries");
    writeFileSync(join(folder, "secret"), "secret");
    writeFileSync(join(dir, "secret"), "secret");
    symlinkSync(join(dir, "secret"), join(folder, "tile", "0", "001"));
    mkdirSync(join(folder, "tile", "0", "002"));
    const server = await serveTiles({ folder, port: 0 });
    const { port, address } = server.address() as AddressInfo;
    try {
      assert.is(address, "127.0.0.1");
      await use((path, method = "GET") => asked(port, path, method), port, folder);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
}

function asked(port: number, path: string, method: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, method, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    })
      .on("error", reject)
      .end();
  });
}

test("checkpoint, hash tile and entry bundle, each with its type and its caching", () =>
  withServed(async (ask) => {
    const checkpoint = await ask("/checkpoint");
    assert.is(checkpoint.status, 200);
    assert.is(checkpoint.body, "a checkpoint — signed\n");
    assert.is(checkpoint.headers["content-type"], "text/plain; charset=utf-8");
    assert.match(String(checkpoint.headers["cache-control"]), /max-age=1\b/);
    for (const [path, body] of [
      ["/tile/0/000.p/3", "three"],
      ["/tile/entries/000", "entries"],
    ] as const) {
      const tile = await ask(path);
      assert.equal([tile.status, tile.body], [200, body]);
      assert.is(tile.headers["content-type"], "application/octet-stream");
      assert.match(String(tile.headers["cache-control"]), /max-age=31536000, immutable/);
      assert.is(tile.headers["x-content-type-options"], "nosniff");
      const head = await ask(path, "HEAD");
      assert.equal([head.status, head.body, head.headers["content-length"]], [200, "", String(body.length)]);
    }
  }));

test("nothing else, however it is spelt: no way up, no second spelling, no link, no folder, no other method", () =>
  withServed(async (ask, port) => {
    for (const path of [
      "/",
      "/secret",
      "/../secret",
      "/tile/../secret",
      "/tile/0/../../secret",
      "/tile/0/..%2f..%2fsecret",
      "/%2e%2e/secret",
      "/tile/0/%2e%2e/%2e%2e/secret",
      "/tile/0/000.p/../../../secret",
      "//secret",
      "//checkpoint",
      "/checkpoint/",
      "/checkpoint?x",
      "/checkpoint%00",
      "/CHECKPOINT",
      "/./checkpoint",
      "/tile/0/001",
      "/tile/0/002",
      "/tile/0/003",
      "/tile/0/000",
      "/tile/0/000.p",
      "/tile/0/000.p/",
      "/tile/0/000.p/03",
      "/tile/00/000.p/3",
      "/tile/0/000.p/3?a=b",
      "/tile/0/000.p/3#x",
      "/tile/0\\000",
    ]) {
      const { status, body } = await ask(path);
      assert.equal([status, body], [404, "404\n"], path);
    }
    assert.is((await ask("/checkpoint", "POST")).status, 405);
    assert.is((await ask("/checkpoint", "DELETE")).status, 405);
    for (const line of ["GET http://example.com/checkpoint HTTP/1.1", "GET ../secret HTTP/1.1", "GET * HTTP/1.1"])
      assert.match(await raw(port, `${line}\r\nHost: x\r\nConnection: close\r\n\r\n`), /^HTTP\/1\.1 40[04]/, line);
  }));

test("only what is a path of the log names a file", () => {
  assert.is(kindOf("checkpoint"), null);
  assert.is(kindOf(""), null);
  assert.ok(kindOf("/tile/63/x001/000.p/255") !== null);
  assert.is(kindOf("/tile/64/000"), null);
});

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let said = "";
    socket.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    socket.on("end", () => resolve(said));
    socket.on("error", reject);
  });
}

test.run();
