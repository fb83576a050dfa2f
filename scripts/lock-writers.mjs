// Pins the writers: writes the SHA-256 of each src/writers/<name>.v<version>.ts into src/writers/lock.ts. Lines are only ever added;
// a changed or missing file is an error, since a ledger may have ratified it. `--force` pins it anyway: before a release, never after.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const folder = new URL("../src/writers/", import.meta.url);
const lock = new URL("lock.ts", folder);
const force = process.argv.includes("--force");

const text = readFileSync(lock, "utf8");
const line = /\{\s*name: "(\w+)",\s*version: (\d+),\s*source: "([0-9a-f]{64})",?\s*\},?/g;
const pinned = new Map([...text.matchAll(line)].map(([, name, version, source]) => [`${name}.v${version}`, source]));
const sources = new Map(
  readdirSync(folder)
    .filter((name) => /^\w+\.v\d+\.ts$/.test(name))
    .map((name) => [
      name.slice(0, -3),
      createHash("sha256")
        .update(readFileSync(new URL(name, folder)))
        .digest("hex"),
    ]),
);

const broken = [...pinned].filter(([name, source]) => sources.get(name) !== source).map(([name]) => name);
for (const name of broken)
  console.error(`${name}.ts ${sources.has(name) ? "changed" : "is gone"}: a ratified writer never does.`);
if (broken.length > 0 && !force) {
  console.error("Put the new behaviour in a file of the next version. Before the first release only: --force.");
  process.exit(1);
}

const lines = [...sources]
  .map(([name, source]) => ({ name: name.split(".v")[0], version: Number(name.split(".v")[1]), source }))
  .sort((a, b) => (a.name === b.name ? a.version - b.version : a.name < b.name ? -1 : 1))
  .map(({ name, version, source }) => {
    const short = `  { name: "${name}", version: ${version}, source: "${source}" },`;
    return short.length <= 120
      ? short
      : `  {\n    name: "${name}",\n    version: ${version},\n    source: "${source}",\n  },`;
  });
const start = text.indexOf("= [") + 3;
const next = `${text.slice(0, start)}\n${lines.join("\n")}\n${text.slice(text.indexOf("];", start))}`;
const added = [...sources.keys()].filter((name) => !pinned.has(name));
if (next !== text) writeFileSync(lock, next);
console.log(
  `${sources.size} writers pinned; added: ${added.join(", ") || "none"}; changed: ${broken.join(", ") || "none"}.`,
);
