/** `log tiles` and `log serve`: the log as files anybody can fetch, and those files over HTTP. */

import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { writeTiles } from "../../checkpoints/writeTiles.js";
import { serveTiles } from "../../http/serveTiles.js";
import { answer, type Context } from "../Context.js";
import { asTyped } from "../output/hint.js";
import { cannotStop, refusedStop } from "../output/Problem.js";
import { progress } from "../output/progress.js";
import { marks } from "../output/style.js";
import { counted } from "../output/text.js";
import { withReading } from "../session/reading.js";
import { refusalOf } from "./checkpoint.js";
import { newestCheckpoint } from "./prove.js";

export async function publishTiles(context: Context, folder: string): Promise<undefined> {
  await withReading(context, async (reading) => {
    const { note, checkpoint } = await newestCheckpoint(reading);
    const writing = progress(context.terminal, "writing", "events");
    const done = await said(folder, () =>
      writeTiles({ ...reading, note, checkpoint, folder, onProgress: (at, of) => writing.update(at, of) }),
    ).finally(() => writing.end());
    if (done.kind === "refused") throw refusalOf(done);
    const { size, made, there } = done;
    answer(
      context,
      { origin: checkpoint.origin, size, folder, made, there, next: `iu-ledger log serve ${folder}` },
      () => [
        `${context.style.good(marks.good)} The log of ${counted(size, "event")} is in ${folder}: ${counted(made, "new file")}, ${there} there before`,
        `  next ${asTyped(`iu-ledger log serve ${folder}`, context.style, context.typing)}`,
      ],
    );
  });
  return undefined;
}

export async function serve(
  context: Context,
  folder: string,
  { port = 0, host }: { port?: number; host?: string },
): Promise<undefined> {
  if (!existsSync(join(folder, "checkpoint"))) {
    throw refusedStop("TILES_MISSING", `There is no checkpoint in ${folder}.`, `iu-ledger log tiles ${folder}`);
  }
  const server = await said(folder, () => serveTiles({ folder, port, ...(host === undefined ? {} : { host }) }));
  const { address, port: bound } = server.address() as AddressInfo;
  const url = `http://${address.includes(":") ? `[${address}]` : address}:${bound}/`;
  answer(context, { url, folder }, () => [`Serving ${folder} at ${url} until interrupted (Ctrl-C).`]);
  await context.terminal.flush();
  await new Promise<void>((resolve) => {
    if (context.signal.aborted) resolve();
    else context.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return undefined;
}

/** What the system does not let us, with its own code. */
async function said<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    if (typeof code !== "string" || syscall === undefined) throw error;
    throw cannotStop(
      syscall === "listen" ? "PORT_UNUSABLE" : "FOLDER_UNUSABLE",
      `This cannot be done with ${syscall === "listen" ? "that address and port" : folder}: ${message}.`,
      syscall === "listen"
        ? "Name another with --port or --host."
        : "Give this user access to it, or name another folder.",
    );
  }
}
