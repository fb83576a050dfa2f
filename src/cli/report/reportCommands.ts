/** The words of `report`. Must import nothing that a command needs: that is loaded when it is called. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import { wholeNumber } from "../words.js";
import type { CheckReportOptions } from "./checkReport.js";
import type { WriteReportOptions } from "./writeReport.js";

export function reportCommands(program: Command, act: Act): void {
  const report = program
    .command("report")
    .description(
      "the final report on a run: Markdown documents from one signed statement; 'report check' checks one offline",
    )
    .argument("<run>", "the run")
    .option("--out <dir>", "where to write the package: a folder that is not there yet (default: report-RUN-SIZE)")
    .option("--size <n>", "of the ledger's first n events, as a report made then would be (default: all)", wholeNumber)
    .option("--as-of <instant>", "judge what lapses by itself as of then, or 'now' (default: the newest event's time)")
    .addHelpText(
      "after",
      "\nAnyone with a role may sign it. The same ledger at the same size gives the same documents. No word of the governed text is in it.\nExit code 1 unless the verdict is PASS.\n\nExample:\n  $ iu-ledger report 7d1c --out report-7d1c",
    )
    .action(
      act(async (context, run: string, options: WriteReportOptions) =>
        (await import("./writeReport.js")).writeReport(context, run, options),
      ),
    );

  report
    .command("check")
    .description(
      "check a report without its ledger: signature, shape, that it agrees with itself, every document beside it",
    )
    .argument("<file>", "the folder of the package, or its signed statement")
    .option("--key <keyid>", "the id of the signer's key, as known from elsewhere")
    .option("--public-key <file>", "that key itself, in PEM (openssl pkey -pubout)")
    .addHelpText(
      "after",
      "\nWithout a key of yours it says only that nothing was changed since somebody signed.\nExit code 1 where something does not hold, whatever the report's own verdict is.\n\nExample:\n  $ iu-ledger report check report-7d1c --key 9f86d081884c7d65",
    )
    .action(
      act(async (context, file: string, options: CheckReportOptions) =>
        (await import("./checkReport.js")).checkReport(context, file, options),
      ),
    );
}
