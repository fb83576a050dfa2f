/** From commander's action to a command's work: the context it gets, the exit code it leaves. Types only, so that every group can name its words by them. */
import type { Context } from "./Context.js";
import type { ExitCode } from "./output/Problem.js";

/** How the invocation is to end, as its command says. */
export interface Ending {
  exit: ExitCode;
  /** The context of the command, once there is one. */
  context: Context | undefined;
}

/** Makes commander's action of a command's work: gives it the context, and keeps the exit code it answers. */
// biome-ignore lint/suspicious/noExplicitAny: commander hands over arguments and options untyped; each group names their types
export type Act = <A extends any[]>(
  work: (context: Context, ...args: A) => Promise<ExitCode | undefined>,
) => (...args: A) => Promise<void>;
