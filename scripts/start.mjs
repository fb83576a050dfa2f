// `npm start`: the whole journey of a document through an embedded ledger, on our sample or on the file that is named.
import { run } from "./run.mjs";

await run("src/main.js", ["journey", ...process.argv.slice(2)]);
