/** The only reader of the environment. Every setting has a flag that comes first; here is what stands where no flag does. */
import { basename, delimiter, dirname, join, resolve } from "node:path";

export interface Config {
  /** Where the ledger is: a path of a SQLite file, or a URL. `IU_LEDGER`. */
  readonly ledger: string;
  /** Of a ledger on EventStoreDB: the Postgres database of its copy. Not looked at for other ledgers. `IU_POSTGRES`. */
  readonly postgres: string | undefined;
  /** The folder with the keys of local principals. `IU_KEYS`. */
  readonly keys: string;
  /** The folder outside of the database that keeps checkpoints; undefined: beside the keys. `IU_CHECKPOINTS`. */
  readonly checkpoints: string | undefined;
  /** Where the passphrase of local keys is, like `file:PATH`: never the passphrase itself. `IU_PASSPHRASE_FROM`. */
  readonly passphraseFrom: string | undefined;
  /** The value of a variable that somebody named, for `env:NAME`. */
  readonly variable: (name: string) => string | undefined;
  /** Kafka brokers, `host:port` with commas between. `IU_BROKERS`. */
  readonly brokers: string | undefined;
  /** The password of the user of the brokers, who is named by --user. `IU_BROKERS_PASSWORD`. */
  readonly brokersPassword: string | undefined;
  /** Whether colour is unwanted: https://no-color.org. `NO_COLOR`. */
  readonly colourOff: boolean;
  /** What a person types to call this program again: `iu-ledger` only where a shell finds it by that name. */
  readonly program: string;
  /** What a person types to make a journey: `npm start --` where that is how it was called. */
  readonly journey: string;
}

/** `script`: the path the program was called by. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  script = process.argv[1] ?? "",
): Config {
  const program = programOf(environment, script);
  const folder = ".iu-ledger";
  return {
    ledger: environment["IU_LEDGER"] ?? join(folder, "ledger.sqlite"),
    postgres: environment["IU_POSTGRES"] || undefined,
    keys: environment["IU_KEYS"] ?? join(folder, "keys"),
    checkpoints: environment["IU_CHECKPOINTS"],
    passphraseFrom: environment["IU_PASSPHRASE_FROM"],
    variable: (name) => environment[name],
    brokers: environment["IU_BROKERS"] || undefined,
    brokersPassword: environment["IU_BROKERS_PASSWORD"] || undefined,
    colourOff: (environment["NO_COLOR"] ?? "") !== "",
    program,
    journey: environment["npm_lifecycle_event"] === "start" ? "npm start --" : `${program} journey`,
  };
}

/** Under npm and npx the PATH is theirs, not the person's: there `npx` is what works. */
function programOf(environment: Readonly<Record<string, string | undefined>>, script: string): string {
  const folders = (environment["PATH"] ?? "").split(delimiter).map((folder) => resolve(folder));
  const byName = basename(script) === "iu-ledger" && folders.includes(dirname(resolve(script)));
  return byName && environment["npm_execpath"] === undefined ? "iu-ledger" : "npx iu-ledger";
}
