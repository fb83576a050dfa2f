#!/usr/bin/env node
// The command `iu-ledger`. Only finds the built program; everything it does is in src/main.ts.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("../build/src/main.js", import.meta.url);
if (existsSync(fileURLToPath(main))) {
  await import(main.href);
} else {
  process.stderr.write("iu-ledger is not built yet. Run `npm run build` in its folder, then the same command again.\n");
  process.exitCode = 3;
}
