// `npm run attack`: plays each attack of the threat table on a real ledger in a temporary folder, and prints what noticed it. Arguments are names of
// attacks, --store and --json.
import { run } from "./run.mjs";

await run("test/attack/run.js", process.argv.slice(2));
