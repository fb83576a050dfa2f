// `npm run bench`: measures this machine and prints ratios; arguments go to the bench. What the Postgres bench sets the ledger beside has a
// package of its own (bench/peers), installed when that bench runs; where it cannot be, the bench runs all the same and says why.
import { join } from "node:path";
import { installPackages, packagesInstalled } from "./packages.mjs";
import { root } from "./prepare.mjs";
import { run } from "./run.mjs";

const args = process.argv.slice(2);
await run("bench/run.js", args.includes("postgres") ? [...args, ...(await preparePeers())] : args);

/** The option that tells the bench why it has to do without. */
async function preparePeers() {
  const folder = join(root, "bench", "peers");
  if (packagesInstalled(folder)) return [];
  process.stderr.write("Installing what the ledger is set beside …\n");
  const { code, output } = await installPackages(folder).catch((error) => ({ code: 1, output: error.message }));
  if (code > 128) process.exit(code);
  if (code === 0 && packagesInstalled(folder)) return [];
  const said = output.trim().split("\n")[0] ?? "";
  return ["--without-peers", `its packages could not be installed (npm ci in bench/peers, exit code ${code}: ${said})`];
}
