/** The title of a file, which has none of its own but its text may. */
import { basename, extname } from "node:path";
import { planOnce } from "../documents/once.js";

/** The heading the text begins with, else the file's name; on one line, at most 200 characters. Judges nothing: what cannot be cut has its name. */
export function fileTitle(bytes: Uint8Array, path: string): string {
  const outcome = planOnce(bytes);
  const heading = outcome.ok ? outcome.plan.units[0]?.title : null;
  const title = heading ?? (path === "-" ? "Untitled" : basename(path, extname(path)));
  return title.replace(/\s+/g, " ").trim().slice(0, 200);
}
