// `npm test`: builds (which checks all types) and runs the tests; style, formatter and linter are among them (tidy.test.ts).
// Arguments are parts of file names: only the tests whose name has one of them run.
import { run } from "./run.mjs";

await run("test/run.js", process.argv.slice(2));
