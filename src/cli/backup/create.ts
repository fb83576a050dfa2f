/** `backup create`. Needs the public recipients only: whoever runs it cannot open what it makes. */
import { createBackup } from "../../backup/createBackup.js";
import { answer, type Context } from "../Context.js";
import { pairs } from "../output/pairs.js";
import { progress } from "../output/progress.js";
import { marks } from "../output/style.js";
import { counted } from "../output/text.js";
import { withStore } from "../session/reading.js";
import { backupsOf, checkpointFor } from "./backupsOf.js";
import { cleanly } from "./cleanly.js";

export interface CreateWords {
  readonly checkpoint?: string;
}

export function create(context: Context, file: string, words: CreateWords): Promise<undefined> {
  return cleanly(context, ["Stopped before the end: no file of that name was made."], () =>
    created(context, file, words),
  );
}

async function created(context: Context, file: string, { checkpoint }: CreateWords): Promise<undefined> {
  const made = await withStore(
    context,
    async (reading) => {
      const { store } = reading;
      const { recipients } = await backupsOf(store);
      const drawn = progress(context.terminal, "backing up", "events");
      try {
        return await createBackup(
          store,
          file,
          recipients.map(({ recipient }) => recipient),
          {
            signal: context.signal,
            onProgress: (done, of) => drawn.update(done, of),
            ...(await checkpointFor(context, reading, checkpoint)),
          },
        );
      } finally {
        drawn.end();
      }
    },
    { readOnly: true },
  );
  const { size, root, contents } = made.manifest;
  const next = `iu-ledger backup verify ${file} --identity FILE`;
  const json = {
    path: file,
    file: made.file,
    length: made.length,
    size,
    root,
    contents,
    recipients: made.recipients,
    next,
  };
  answer(context, json, () => [
    `${context.style.good(marks.good)} A backup of ${counted(size, "event")} and ${counted(contents.present, "content")} is in ${file}`,
    ...pairs(
      [
        ["SHA-256", made.file],
        ["root", root],
        ["for", made.recipients.join(", ")],
      ],
      context.style,
    ),
    "  It is evidence only once it was restored and compared, by whoever holds the identity:",
    `  ${context.style.faint("next")} ${context.style.command(next.replace("iu-ledger", context.typing.program) + context.typing.flags)}`,
  ]);
  return undefined;
}
