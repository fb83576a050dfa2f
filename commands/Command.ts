/**
 * Commands: what may be asked of the ledger, one schema per type. A command is intent; it carries its own id (so that asking twice is
 * asking once), who asks, and of which ledger, and is signed whole. Ids and times come in with it: deciding needs neither clock nor chance.
 */
import { z } from "zod";
import { instant, uuid } from "../src/events/fields.js";
import type { SignedCommand } from "../src/ledger/Decision.js";
import * as backup from "./backup.js";
import type { CommandsOf } from "./CommandFrame.js";
import * as deadLetter from "./deadLetter.js";
import * as document from "./document.js";
import * as execution from "./execution.js";
import * as grantAudit from "./grantAudit.js";
import * as ledger from "./ledger.js";
import * as log from "./log.js";
import * as policy from "./policy.js";
import * as principal from "./principal.js";
import * as proof from "./proof.js";
import * as redaction from "./redaction.js";
import * as run from "./run/commands.js";
import * as writer from "./writer.js";

/** Command type → schema of its data. */
export const commands = {
  ...ledger.commands,
  ...principal.commands,
  ...policy.commands,
  ...log.commands,
  ...writer.commands,
  ...execution.commands,
  ...backup.commands,
  ...document.commands,
  ...run.commands,
  ...grantAudit.commands,
  ...proof.commands,
  ...redaction.commands,
  ...deadLetter.commands,
} as const;

export type CommandType = keyof typeof commands;
export type CommandData<T extends CommandType> = z.infer<(typeof commands)[T]>;

/** A command of one type. */
export type CommandOf<T extends CommandType> = CommandsOf<typeof commands, T>;

/** Any command: a wrong type or a wrong field does not compile. */
export type Command = CommandsOf<typeof commands>;

const outer = z.strictObject({
  schema: z.literal(1),
  id: uuid,
  type: z.string(),
  ledger: z.string().min(1).max(200),
  actor: z.string().min(1).max(63),
  at: instant,
  cause: uuid.nullable(),
  data: z.unknown(),
});

export type ParsedCommand =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly at: string; readonly message: string };

/** Checks a parsed JSON value against the schemas. Names the field and the rule of what is wrong. Never throws. */
export function parseCommand(value: unknown): ParsedCommand {
  const parsed = outer.safeParse(value);
  if (!parsed.success) return issueOf("command", parsed.error);
  const { type } = parsed.data;
  if (!Object.hasOwn(commands, type)) {
    return {
      ok: false,
      at: "command.type",
      message: `${JSON.stringify(type)} is no command; known are ${Object.keys(commands).join(", ")}`,
    };
  }
  const data = commands[type as CommandType].safeParse(parsed.data.data);
  if (!data.success) return issueOf("command.data", data.error);
  return { ok: true, command: value as Command };
}

function issueOf(at: string, error: z.ZodError): ParsedCommand {
  const issue = error.issues[0];
  const path = [at, ...(issue?.path ?? [])].join(".");
  return { ok: false, at: path, message: issue?.message ?? "wrong shape" };
}

/** A signed command of this project's own types. */
export type Signed<T extends CommandType = CommandType> = SignedCommand<CommandOf<T>>;
