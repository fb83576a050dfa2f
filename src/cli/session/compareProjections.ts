/** The read models as they are, beside what the events make of them: what replay's last check is given. Reads only. */
import { compareWithShadow, type ShadowOptions } from "../../projecting/shadow.js";
import type { ComparedTable } from "../../replay/checkProjections.js";
import type { Reading } from "./reading.js";

/** Every table with both digests. Empty where the read models were never made here: then there is nothing to compare. */
export async function compareProjections({ store, sql }: Reading, options: ShadowOptions): Promise<ComparedTable[]> {
  const comparison = await compareWithShadow(store, sql, options);
  if (comparison === null) return [];
  return Object.entries(comparison.tables).map(([table, shadow]) => {
    const difference = comparison.differences.find((one) => one.table === table);
    const live = difference === undefined ? shadow : difference.live;
    const differs =
      live === null
        ? [
            {
              key: table,
              column: null,
              message: `the table is not there; rebuilt from the events it has ${shadow.rows} rows`,
            },
          ]
        : live.rows !== shadow.rows
          ? [
              {
                key: table,
                column: null,
                message: `${live.rows} rows are there; rebuilt from the events there are ${shadow.rows}`,
              },
            ]
          : [];
    return { table, rows: shadow.rows, live: live?.digest ?? "", rebuilt: shadow.digest, differs };
  });
}
