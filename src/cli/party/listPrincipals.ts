/** `principal list`. Reads only. */
import { listPrincipals } from "../../../projections/principal/queries.js";
import { keyNames } from "../../keys/keyFolder.js";
import { answer, type Context } from "../Context.js";
import { table } from "../output/table.js";
import { visible } from "../output/text.js";
import { withReading } from "../session/reading.js";

export async function listAll(context: Context): Promise<undefined> {
  await withReading(context, async ({ sql }) => {
    const { style, terminal } = context;
    const principals = await listPrincipals(sql);
    const local = new Set(keyNames(context.keys));
    answer(context, { principals }, () => [
      ...table(
        [
          { title: "principal", paint: style.strong },
          { title: "kind" },
          { title: "name", shrink: 12, optional: true },
          { title: "may", shrink: 12 },
          { title: "answers for it", optional: true },
          { title: "key" },
          { title: "" },
        ],
        principals.map((one) => [
          one.principal,
          one.kind,
          visible(one.name),
          one.roles.join(", "),
          one.responsible,
          one.keys
            .filter((key) => key.untilAt === null)
            .map((key) => key.keyid)
            .join(" "),
          one.revoked
            ? { text: `revoked: ${visible(one.reason ?? "")}`, paint: style.bad }
            : local.has(one.principal)
              ? { text: "key is here", paint: style.faint }
              : "",
        ]),
        { style, width: terminal.width },
      ),
    ]);
  });
  return undefined;
}
