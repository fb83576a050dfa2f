/**
 * Where a ledger is on an EventStoreDB cluster: the client's connection string with one more parameter, the stream.
 *
 *   esdb://user:password@node1:2113,node2:2113?tls=true&stream=iu-acme
 *
 * The client prints a warning about an option it does not know and goes on without it; here an option that nobody knows is refused.
 */
import { StoreError } from "../../ledger/Store.js";

export interface ClusterUrl {
  /** For the client: without `stream`, and always throwing when an append fails. */
  readonly connection: string;
  /** The ledger's one stream. */
  readonly stream: string;
  /** Who signs in, if the URL says so. */
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
}

/** The stream of a URL that names none. */
export const streamDefault = "iu-ledger";

const shape = /^(esdb(?:\+discover)?):\/\/(?:([^:@/?]+):([^@/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/i;
const streamShape = /^iu-[A-Za-z0-9._-]{1,100}$/;

/** The client's own options (6.2.1), by their names folded to small letters; those the store sets itself are left out. */
const known = new Set([
  "usercertfile",
  "userkeyfile",
  "maxdiscoverattempts",
  "connectionname",
  "defaultdeadline",
  "discoveryinterval",
  "gossiptimeout",
  "tls",
  "tlscafile",
  "keepaliveinterval",
  "keepalivetimeout",
]);

/** Reads the URL of a ledger on a cluster. Throws `StoreError` on one that means nothing; its password is never part of the message. */
export function parseClusterUrl(url: string): ClusterUrl {
  const [, scheme, username, password, hosts, query = ""] = shape.exec(url) ?? [];
  if (scheme === undefined || hosts === undefined) throw unreadable("the URL of the cluster cannot be read");
  let stream: string | undefined;
  const options: string[] = ["throwOnAppendFailure=true", "nodePreference=leader"];
  for (const option of query === "" ? [] : query.split("&")) {
    const [key = "", value = ""] = option.split("=");
    if (key === "stream") {
      stream = text(value);
      continue;
    }
    if (value === "") throw unreadable(`the option ${key} of the cluster's URL has no value`);
    if (!known.has(key.toLowerCase().replace(/[_-]/g, "")))
      throw unreadable(`the cluster's URL has an option that nobody knows: ${key}`);
    options.push(`${key}=${value}`);
  }
  if (stream !== undefined && !streamShape.test(stream))
    throw unreadable(`${JSON.stringify(stream)} cannot name the stream of a ledger`);
  const login = username === undefined ? "" : `${username}:${password}@`;
  return {
    connection: `${scheme.toLowerCase()}://${login}${hosts}?${options.join("&")}`,
    stream: stream ?? streamDefault,
    credentials:
      username === undefined || password === undefined
        ? undefined
        : { username: text(username), password: text(password) },
  };
}

function text(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw unreadable("the cluster's URL has a % that encodes nothing");
  }
}

function unreadable(message: string): StoreError {
  return new StoreError("UNAVAILABLE", message, {
    next: "It looks like esdb://user:password@host:2113?tls=true&stream=iu-acme; the stream's name begins with iu-, special characters of the password are percent-encoded.",
  });
}
