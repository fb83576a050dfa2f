/** The only reader of the environment. Every setting has a flag that comes first; here is what stands where no flag does. */
import { join } from "node:path";

export interface Config {
  /** Where the ledger is: a path of a SQLite file, or a URL. `IU_LEDGER`. */
  readonly ledger: string;
  /** The folder with the keys of local principals. `IU_KEYS`. */
  readonly keys: string;
  /** Whether colour is unwanted: https://no-color.org. `NO_COLOR`. */
  readonly colourOff: boolean;
}

export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const folder = ".iu-ledger";
  return {
    ledger: environment["IU_LEDGER"] ?? join(folder, "ledger.sqlite"),
    keys: environment["IU_KEYS"] ?? join(folder, "keys"),
    colourOff: (environment["NO_COLOR"] ?? "") !== "",
  };
}
