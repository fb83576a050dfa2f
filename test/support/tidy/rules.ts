// The style of the house as rules: each takes the files and gives the places where it is broken, with what to do.
// What Biome or tsc already refuse is not repeated here. A rule must never be silenced for one file: change it or the file.
import { importsOf } from "./imports.js";
import { isCode, isProduct, matches, type Offence, type Source } from "./readProject.js";

export type Rule = (sources: Source[]) => Offence[];

/** Folders whose functions give the same for the same arguments, for ever: replay and proofs stand on that. */
const pureFolders = /^(?:commands|src\/(?:documents|events|tlog|writers))\//;
const pureNodeModules = ["node:buffer", "node:crypto", "node:util"];
const impure: [RegExp, string][] = [
  [
    /\bDate\.now\b|\bnew Date\(\s*\)|\bnew Date\b(?!\s*\()|\bperformance\./g,
    "reads the clock; time comes in with the command",
  ],
  [
    /\bMath\.random\b|\brandom(?:UUID|Bytes|Int)\b|\bgetRandomValues\b|\bgenerateKeyPair/g,
    "is random; ids, salts and keys come in",
  ],
  [/\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/g, "waits; a pure function computes"],
  [/\bprocess\b|\bglobalThis\b/g, "reads the process; facts come in as arguments"],
  [/(?<![\w.])fetch\(|\bconsole\./g, "talks to the outside; give a value back"],
  [/\blocaleCompare\b|\btoLocale\w+\(|\bIntl\./g, "depends on the locale of the machine; compare code units or bytes"],
  [
    /\.get(?:Hours|Minutes|Date|Day|Month|FullYear|TimezoneOffset)\(/g,
    "depends on the time zone of the machine; use UTC",
  ],
];

export const pureFoldersArePure: Rule = (sources) =>
  sources
    .filter(({ path }) => pureFolders.test(path))
    .flatMap((source) => [
      ...impure.flatMap(([pattern, why]) =>
        matches(source, source.code, pattern, (found) => `Pure folder: \`${found}\` ${why}.`),
      ),
      ...importsOf(source)
        .filter(({ kind, target }) => kind === "node" && !pureNodeModules.includes(target))
        .map(({ line, target }) =>
          offence(source, line, `Pure folder: ${target} does I/O; take what it would read as an argument.`),
        ),
    ]);

export const onlyConfigReadsTheEnvironment: Rule = (sources) =>
  product(sources).flatMap((source) => {
    const found: Offence[] = [];
    if (source.path !== "src/config.ts") {
      found.push(
        ...matches(
          source,
          source.code,
          /\bprocess\.env\b/g,
          () => "Only src/config.ts reads the environment: take the setting as an argument.",
        ),
      );
    }
    if (!/^src\/(?:main\.ts|config\.ts|cli\/)/.test(source.path)) {
      const edge = /\bprocess\.(?:exit|exitCode|argv|stdin|stdout|stderr|on|once)\b/g;
      found.push(
        ...matches(
          source,
          source.code,
          edge,
          (use) => `\`${use}\` belongs to the edge: only src/main.ts and src/cli may use it.`,
        ),
      );
    }
    const imported = importsOf(source).filter(({ target }) => target === "node:process");
    found.push(
      ...imported.map(({ line }) =>
        offence(source, line, "Do not import node:process: the rules look for `process.`."),
      ),
    );
    return found;
  });

export const noBarrels: Rule = (sources) =>
  sources
    .filter(({ path }) => path.endsWith(".ts"))
    .filter(({ code }) => /\bexport\b[^;]*\bfrom\b/.test(code))
    .filter(({ code }) => code.replace(/\b(?:import|export)\b[^;"']*["'][^"']*["']\s*;?/g, "").trim() === "")
    .map((source) =>
      offence(source, 1, "A barrel: it only passes on what others export. Import from the files themselves."),
    );

export const namesSayWhatIsInside: Rule = (sources) =>
  sources
    .filter(({ path }) => /(?:^|\/)(?:utils?|helpers?|misc|common|index)(?:\/|\.[^/]*$)/i.test(path) && isCode(path))
    .map((source) =>
      offence(source, 1, "A name that says nothing: name the file for its main export, the folder for its purpose."),
    );

export const nothingIsLeftForLater: Rule = (sources) =>
  sources.flatMap((source) => {
    const later = new RegExp(`\\b(?:${["TO", "DO\\b|FIX", "ME\\b|XX"].join("")}X:)`, "g");
    return matches(source, source.text, later, (word) => `"${word}": do it, or open an issue and take the word out.`);
  });

/** Handed to auditors as one file, that runs without anything beside it. */
const wholeOnPurpose: ReadonlySet<string> = new Set(["bin/verify-export.mjs"]);

export const filesExplainThemselves: Rule = (sources) =>
  code(sources).flatMap((source) => {
    const lines = source.text.split("\n").length - 1;
    const found: Offence[] = [];
    if (!/^(?:#!.*\n)?(?:\/\/|\/\*)/.test(source.text)) {
      found.push(offence(source, 1, "No head comment: say first what the file is for and what it must never do."));
    }
    const linesMax = wholeOnPurpose.has(source.path) ? 700 : 400;
    if (lines > linesMax)
      found.push(offence(source, linesMax, `${lines} lines; more than ${linesMax} are not read. Split it by purpose.`));
    return found;
  });

/** What betrays a machine or a secret; written in pieces so that this file does not offend itself. */
const betrayals: [RegExp, string][] = [
  [/(?<![\w.:-])\/(?:wor[k]|roo[t]|tmp\/bas[h])[/_]/g, "a path of one machine: use a relative one"],
  [
    new RegExp(`\\bregistry\\.[a-z0-9-]+\\.|${"_auth"}Token|\\bartifactory\\b`, "gi"),
    "a package registry: each machine has its own",
  ],
  [new RegExp(`-----BEGIN [A-Z ]*${"PRIVATE"} KEY-----`, "g"), "a private key: make keys when they are needed"],
  [
    /\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|npm_[A-Za-z0-9]{36}|xox[abp]-[A-Za-z0-9-]{20,})\b/g,
    "a secret: revoke it, then take it out",
  ],
];

/** The project's own lock, and those of packages of their own in a folder. */
function isLock(path: string): boolean {
  return /(?:^|\/)package-lock\.json$/.test(path);
}

export const nothingPrivateIsTold: Rule = (sources) =>
  sources.flatMap((source) => [
    ...betrayals.flatMap(([pattern, what]) =>
      matches(source, source.text, pattern, (found) => `"${found}" is ${what}.`),
    ),
    ...(isLock(source.path)
      ? matches(
          source,
          source.text,
          /"resolved"/g,
          () => "The lock names a registry: run `npm install` with the .npmrc of this folder.",
        )
      : []),
    ...(/(?:^|\/)(?:node_modules|build)(?:\/|$)/.test(source.path)
      ? [offence(source, 1, "Installed or built files do not belong in git.")]
      : []),
  ]);

type Manifest = { dependencies?: Record<string, string>; devDependencies?: Record<string, string> };

export const dependenciesAreUsedAndListed: Rule = (sources) => {
  const manifest = sources.find(({ path }) => path === "package.json");
  if (manifest === undefined) return [{ path: "package.json", line: 1, message: "There is no package.json." }];
  const { dependencies = {}, devDependencies = {} } = JSON.parse(manifest.text) as Manifest;
  const found: Offence[] = [];
  const used = { product: new Set<string>(), elsewhere: new Set<string>() };
  for (const source of code(sources)) {
    const inProduct = isProduct(source.path);
    for (const { kind, target, line } of importsOf(source)) {
      if (kind !== "package") continue;
      used[inProduct ? "product" : "elsewhere"].add(target);
      const types = `@types/${target}` in devDependencies;
      if (target in dependencies || types || (!inProduct && target in devDependencies)) continue;
      const list = inProduct ? "dependencies" : "devDependencies";
      found.push(offence(source, line, `${target} is not listed: add it to ${list} of package.json.`));
    }
  }
  const at = (name: string) => manifest.text.split("\n").findIndex((line) => line.includes(`"${name}":`)) + 1;
  for (const name of Object.keys(dependencies)) {
    if (!used.product.has(name))
      found.push(offence(manifest, at(name), `${name} is a dependency that no product file imports: remove it.`));
  }
  const tools = sources.filter(({ path }) => /^(?:scripts|test|bench)\//.test(path) && isCode(path));
  for (const name of Object.keys(devDependencies)) {
    const about = name.replace("@types/", "");
    const imported =
      used.elsewhere.has(name) || used.elsewhere.has(about) || used.product.has(about) || name === "@types/node";
    // A tool is not imported but started: then its name stands, quoted, in the script or test that starts it.
    if (imported || tools.some(({ text }) => text.includes(`"${name}"`) || text.includes(`"${name}/`))) continue;
    found.push(offence(manifest, at(name), `${name} is a devDependency that nothing uses: remove it.`));
  }
  return found;
};

type Lock = { packages?: Record<string, { optionalDependencies?: Record<string, string> }> };

/** npm leaves such entries out when its registry has not got them, and then `npm ci` fails for everyone. */
export const theLockIsComplete: Rule = (sources) =>
  sources
    .filter(({ path }) => isLock(path))
    .flatMap((source) => {
      const { packages = {} } = JSON.parse(source.text) as Lock;
      return Object.entries(packages).flatMap(([owner, { optionalDependencies = {} }]) =>
        Object.keys(optionalDependencies)
          .filter((name) => !(`node_modules/${name}` in packages) && !(`${owner}/node_modules/${name}` in packages))
          .map((name) => {
            const line = source.text.split("\n").findIndex((text) => text.includes(`"${name}":`)) + 1;
            return offence(
              source,
              line,
              `npm ci would fail: ${name} has no entry of its own (version, os, cpu, optional). Add it.`,
            );
          }),
      );
    });

export const suitesRun: Rule = (sources) =>
  sources
    .filter(({ path }) => /^test\/.*\.ts$/.test(path))
    .flatMap((source) => {
      // A file without a suite of its own calls a contract suite; that something ran is then the runner's to see.
      const suites = [...source.code.matchAll(/\bconst (\w+) = suite\b/g)].map((match) => match[1] ?? "");
      const found = suites
        .filter((name) => !new RegExp(`\\b${name}\\.run\\(\\)`).test(source.code))
        .map((name) => offence(source, 1, `The suite ${name} never runs: end it with ${name}.run();`));
      if (suites.length > 0 && source.path.endsWith(".test.ts") && !/\.run\(\);\s*$/.test(source.code)) {
        found.push(
          offence(source, source.text.split("\n").length - 1, "A test file ends in the .run() of its last suite."),
        );
      }
      for (const name of suites) {
        const hooks = new RegExp(`\\b${name}\\.(?:only|before|after)\\b`, "g");
        found.push(
          ...matches(
            source,
            source.code,
            hooks,
            (use) => `\`${use}\`: no .only; a bracket (withTempDir …) instead of a hook.`,
          ),
        );
      }
      return found;
    });

/** `assert.throws(fn, "text")` takes the text as the message of the failure and passes whatever is thrown. */
export const throwsNamesWhatItExpects: Rule = (sources) =>
  sources
    .filter(({ path }) => path.startsWith("test/") && isCode(path))
    .flatMap((source) =>
      [...source.code.matchAll(/\bassert\.throws\(/g)].flatMap((match) => {
        const second = argument(source.code, match.index + match[0].length, 1);
        if (second !== "" && !/^["'`]/.test(second)) return [];
        const line = source.text.slice(0, match.index).split("\n").length;
        return [
          offence(source, line, "assert.throws without a pattern or a check accepts any error, also a mistyped name."),
        ];
      }),
    );

/** The argument number `index` (from 0) of the call whose arguments begin at `start`; empty when there is none. */
function argument(blanked: string, start: number, index: number): string {
  let depth = 0;
  let from = start;
  let seen = 0;
  for (let at = start; at < blanked.length; at += 1) {
    const char = blanked.charAt(at);
    if ("([{".includes(char)) depth += 1;
    const ends = depth === 0 && (char === "," || char === ")");
    if (")]}".includes(char)) depth -= 1;
    if (!ends) continue;
    if (seen === index) return blanked.slice(from, at).trim();
    if (char === ")") return "";
    seen += 1;
    from = at + 1;
  }
  return "";
}

function offence({ path }: Source, line: number, message: string): Offence {
  return { path, line, message };
}

function code(sources: Source[]): Source[] {
  return sources.filter(({ path }) => isCode(path));
}

function product(sources: Source[]): Source[] {
  return sources.filter(({ path }) => isProduct(path));
}
