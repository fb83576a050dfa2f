/** `rebuild`: the read models anew from the events, compared before they are swapped. Safe while others work. */
import type { Rebuilt } from "../../projecting/rebuild.js";
import { rebuild } from "../../projecting/rebuild.js";
import { answer, type Context } from "../Context.js";
import { progress } from "../output/progress.js";
import { marks, type Style } from "../output/style.js";
import { table } from "../output/table.js";
import { brief, counted, visible } from "../output/text.js";
import { withStore } from "../session/reading.js";

export async function rebuildLedger(context: Context): Promise<undefined> {
  await withStore(context, async ({ store, sql }) => {
    const { size } = await store.head();
    const bar = progress(context.terminal, "rebuilding", "events");
    context.interrupted = () => ["Stopped. The read models are as they were."];
    let rebuilt: Rebuilt;
    try {
      rebuilt = await rebuild(store, sql, { signal: context.signal, onProgress: (done) => bar.update(done, size) });
    } finally {
      bar.end();
    }
    answer(context, rebuilt, () => rebuiltLines(rebuilt, context));
  });
  return undefined;
}

function rebuiltLines(
  { size, tables, differences, swapped, objects }: Rebuilt,
  { style, terminal }: Context,
): string[] {
  const count = Object.keys(tables).length;
  const rows = Object.values(tables).reduce((sum, one) => sum + one.rows, 0);
  const built = `${counted(count, "table")}, ${counted(rows, "row")} from ${counted(size, "event")}`;
  if (!swapped)
    return [`${style.good(marks.good)} Rebuilt and compared: ${built}. Nothing differed, so nothing was replaced.`];
  return [
    `${style.open(marks.open)} Rebuilt and replaced: ${built}. What differed:`,
    ...differencesTable(differences, style, terminal.width),
    ...objects.map((object) => `  ${visible(object)} was not as this program makes it`),
  ];
}

function differencesTable(differences: Rebuilt["differences"], style: Style, width: number | undefined): string[] {
  if (differences.length === 0) return [];
  return table(
    [{ title: "table", paint: style.strong }, { title: "was" }, { title: "is now" }],
    differences.map(({ table: name, live, shadow }) => [
      name,
      live === null ? "not there" : `${counted(live.rows, "row")}, ${brief(live.digest)}`,
      `${counted(shadow.rows, "row")}, ${brief(shadow.digest)}`,
    ]),
    { style, width, indent: "  " },
  );
}
