/** `export`: the ledger as a folder. Reads the ledger, and writes nothing to it. */
import { exportFiles } from "../../export/exportFiles.js";
import { writeFolder } from "../../export/writeFolder.js";
import { answer, type Context } from "../Context.js";
import { pairs } from "../output/pairs.js";
import { progress } from "../output/progress.js";
import { marks } from "../output/style.js";
import { counted } from "../output/text.js";
import { withStore } from "../session/reading.js";
import { checkpointFor } from "./backupsOf.js";
import { cleanly } from "./cleanly.js";

export interface ExportWords {
  readonly checkpoint?: string;
}

export function exportLedger(context: Context, folder: string, words: ExportWords): Promise<undefined> {
  return cleanly(context, ["Stopped before the end: no folder of that name was made."], () =>
    exported(context, folder, words),
  );
}

async function exported(context: Context, folder: string, { checkpoint }: ExportWords): Promise<undefined> {
  const manifest = await withStore(
    context,
    async (reading) => {
      const { store } = reading;
      const drawn = progress(context.terminal, "exporting", "events");
      try {
        const files = exportFiles(store, {
          signal: context.signal,
          onProgress: (done, of) => drawn.update(done, of),
          ...(await checkpointFor(context, reading, checkpoint)),
        });
        return await writeFolder(folder, files);
      } finally {
        drawn.end();
      }
    },
    { readOnly: true },
  );
  answer(context, { folder, ...manifest }, () => [
    `${context.style.good(marks.good)} Exported ${counted(manifest.size, "event")} to ${folder}`,
    ...pairs(
      [
        ["root", manifest.root],
        ["commands", String(manifest.commands)],
        [
          "contents",
          `${manifest.contents.present}${manifest.contents.absent === 0 ? "" : `, and ${manifest.contents.absent} that are not there`}`,
        ],
      ],
      context.style,
    ),
  ]);
  return undefined;
}
