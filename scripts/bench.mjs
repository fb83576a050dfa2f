// `npm run bench`: measures this machine and prints ratios; arguments go to the bench.
import { run } from "./run.mjs";

await run("bench/run.js", process.argv.slice(2));
