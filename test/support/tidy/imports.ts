// Who imports whom: the imports of each file, the table of src/README.md that says who may, and cycles.
// The table is the authority and is read by people; this file must never hold an exception to it.
import { lineAt, type Offence, type Source } from "./readProject.js";

/** One import: what stands in the quotes, and where that is: a file of the project (`src/…/x.ts`), `node:…`, or a package. */
export type Import = { line: number; specifier: string; target: string; kind: "file" | "node" | "package" };

/** Folder or file → what it may import; `everything` means every file but tests and benches, every package and `node:`. */
export type ImportTable = Map<string, { line: number; allowed: string[] }>;

/** Static, dynamic and re-exporting imports of a code file. A dynamic import of a computed name is not seen. */
export function importsOf(source: Source): Import[] {
  return [...source.code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)(["'])/g)].map((match) => {
    const start = match.index + match[0].length;
    const specifier = source.text.slice(start, source.text.indexOf(match[1] ?? '"', start));
    return { line: lineAt(source.text, start), specifier, ...resolve(source.path, specifier) };
  });
}

function resolve(from: string, specifier: string): Pick<Import, "target" | "kind"> {
  if (specifier.startsWith("node:")) return { kind: "node", target: specifier };
  if (!specifier.startsWith(".")) {
    return { kind: "package", target: specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/") };
  }
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return { kind: "file", target: parts.join("/").replace(/\.js$/, ".ts") };
}

/**
 * The table under the head `| folder | may import |`: names stand in backquotes, several to a cell; `everything` and
 * `nothing` stand bare. Example: "| `src/writers` | `node:crypto` |".
 */
export function parseImportTable(markdown: string): ImportTable {
  const table: ImportTable = new Map();
  let inTable = false;
  for (const [index, text] of markdown.split("\n").entries()) {
    if (/^\|\s*folder\s*\|\s*may import\s*\|/.test(text)) inTable = true;
    else if (!text.startsWith("|")) inTable = false;
    else if (inTable && !/^\|[\s:|-]+$/.test(text)) {
      const [, folders = "", allowed = ""] = text.split("|");
      const names = [...(/\beverything\b/.test(allowed) ? ["everything"] : []), ...quoted(allowed)];
      for (const folder of quoted(folders)) table.set(folder, { line: index + 1, allowed: names });
    }
  }
  return table;
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
}

/** Imports that the table does not allow, and folders that it does not know. A folder may always import itself. */
export function importsNotAllowed(sources: Source[], table: ImportTable): Offence[] {
  return sources.flatMap((source) => {
    const row = [...table.keys()].filter((name) => isIn(source.path, name)).sort((a, b) => b.length - a.length)[0];
    if (row === undefined) {
      const message =
        "No row of the import table in src/README.md is about this file: add its folder, with what it may import.";
      return [{ path: source.path, line: 1, message }];
    }
    const allowed = table.get(row)?.allowed ?? [];
    return importsOf(source)
      .filter(({ target }) => !isIn(target, row) && !allowed.some((name) => permits(name, target)))
      .map(({ line, target }) => {
        const may = allowed.length === 0 ? "nothing" : allowed.join(", ");
        const message = `${row} may not import ${target} (it may import ${may}). Move the code, or decide otherwise in the table of src/README.md.`;
        return { path: source.path, line, message };
      });
  });
}

function permits(name: string, target: string): boolean {
  if (name === "everything") return !/^(?:test|bench)\//.test(target);
  return name === target || isIn(target, name);
}

function isIn(path: string, name: string): boolean {
  return path === name || path.startsWith(`${name}/`);
}

/** One offence per knot of files that import each other, naming a shortest way round. Imports of types count too. */
export function importCycles(sources: Source[]): Offence[] {
  const graph = new Map(sources.map((source) => [source.path, importsOf(source).map(({ target }) => target)]));
  const told = new Set<string>();
  const offences: Offence[] = [];
  for (const path of graph.keys()) {
    if (told.has(path)) continue;
    const way = wayBack(graph, path);
    if (way === undefined) continue;
    for (const each of way) told.add(each);
    const message = `Import cycle ${[...way, path].join(" → ")}: move what both need to a third file.`;
    offences.push({ path, line: 1, message });
  }
  return offences;
}

/** The shortest way from `start` through imports back to it, breadth first; undefined when there is none. */
function wayBack(graph: Map<string, string[]>, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const waiting = [start];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    for (const next of graph.get(path) ?? []) {
      if (next === start) {
        const way = [path];
        while (way[0] !== start) way.unshift(cameFrom.get(way[0] ?? "") ?? start);
        return way;
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, path);
      waiting.push(next);
    }
  }
  return undefined;
}
