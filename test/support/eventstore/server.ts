// A stand-in for EventStoreDB: a real gRPC server on a free loopback port that speaks the protocol by the code its client ships, over the
// streams of streams.ts. What it does not do the tests do not ask for: clusters of several nodes, $all, links, persistent subscriptions.
import { once } from "node:events";
import gossipGrpc from "@eventstore/db-client/generated/gossip_grpc_pb.js";
import gossip from "@eventstore/db-client/generated/gossip_pb.js";
import featuresGrpc from "@eventstore/db-client/generated/serverfeatures_grpc_pb.js";
import features from "@eventstore/db-client/generated/serverfeatures_pb.js";
import shared from "@eventstore/db-client/generated/shared_pb.js";
import streamsGrpc from "@eventstore/db-client/generated/streams_grpc_pb.js";
import pb from "@eventstore/db-client/generated/streams_pb.js";
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import { batchAppend } from "./batch.js";
import { type Answer, type Faults, faults } from "./faults.js";
import { type Expected, type Kept, type Proposed, type Streams, streams, type Written } from "./streams.js";

export interface StandIn {
  readonly port: number;
  readonly streams: Streams;
  readonly faults: Faults;
  /** Calls taken, by method. */
  readonly calls: Readonly<Record<"append" | "batchAppend" | "read" | "subscribe" | "features", number>>;
  /** Ends every connection and takes no more; the streams stay. */
  stop(): Promise<void>;
  /** Takes connections again, on the same port. */
  start(): Promise<void>;
}

export async function startStandIn(): Promise<StandIn> {
  const kept = streams();
  const planned = faults();
  const calls = { append: 0, batchAppend: 0, read: 0, subscribe: 0, features: 0 };
  let server: Server | undefined;
  let port = 0;

  function failure(answer: Answer): Partial<ServiceError> | undefined {
    switch (answer) {
      case "unavailable":
        return { code: status.UNAVAILABLE, details: "Server Is Not Ready" };
      case "cancelled":
        return { code: status.CANCELLED, details: "Operation cancelled" };
      case "timeout":
        return { code: status.ABORTED, details: "Operation timed out" };
      case "unknown":
        return { code: status.UNKNOWN, details: "Unexpected OperationResult" };
      case "not leader": {
        const leader = { "leader-endpoint-host": "127.0.0.1", "leader-endpoint-port": String(port) };
        return coded(status.NOT_FOUND, "Leader info available", "not-leader", leader);
      }
      case "silence":
        return undefined;
    }
  }

  async function append(
    call: ServerReadableStream<pb.AppendReq, pb.AppendResp>,
    callback: sendUnaryData<pb.AppendResp>,
  ): Promise<void> {
    calls.append++;
    let options: pb.AppendReq.Options | undefined;
    const events: Proposed[] = [];
    call.on("data", (request: pb.AppendReq) => {
      options ??= request.getOptions();
      const proposed = request.getProposedMessage();
      if (proposed !== undefined) events.push(proposedOf(proposed));
    });
    await once(call, "end");
    const held = planned.take("held");
    held?.reached?.();
    await held?.until;
    if (options === undefined) return callback({ code: status.UNKNOWN, details: "no options" });
    const name = nameOf(options.getStreamIdentifier());
    const expected = expectedOf(options);
    const fault = planned.take("append");
    if (fault === undefined) {
      const written = kept.append(name, expected, events);
      return written.kind === "success" || written.kind === "wrong"
        ? callback(null, responseOf(written, options))
        : callback(errorOf(written, name));
    }
    if (fault.commit === true) kept.append(name, expected, events);
    if (typeof fault.commit === "number") setTimeout(() => kept.append(name, expected, events), fault.commit);
    const failed = failure(fault.answer);
    if (failed !== undefined) callback(failed);
  }

  function read(call: ServerWritableStream<pb.ReadReq, pb.ReadResp>): void {
    const options = call.request.getOptions();
    const from = options?.getStream();
    if (options === undefined || from === undefined) {
      call.emit("error", { code: status.INVALID_ARGUMENT, details: "only streams are read here" });
      return;
    }
    const name = nameOf(from.getStreamIdentifier());
    if (options.hasSubscription()) {
      subscribe(call, name, from);
      return;
    }
    calls.read++;
    const fault = planned.take("read");
    if (fault !== undefined) {
      const failed = failure(fault.answer);
      if (failed !== undefined) call.emit("error", failed);
      return;
    }
    const begin = from.hasStart() ? "start" : from.hasEnd() ? "end" : Number(from.getRevision());
    const backwards = options.getReadDirection() === pb.ReadReq.Options.ReadDirection.BACKWARDS;
    const found = kept.read(name, begin, Number(options.getCount()), backwards);
    if (found === "deleted") {
      call.emit("error", errorOf({ kind: "deleted" }, name));
      return;
    }
    if (found === "none") {
      const missing = new pb.ReadResp.StreamNotFound().setStreamIdentifier(identifier(name));
      call.write(new pb.ReadResp().setStreamNotFound(missing));
    } else for (const event of found) call.write(new pb.ReadResp().setEvent(recordedOf(event, name)));
    call.end();
  }

  function subscribe(
    call: ServerWritableStream<pb.ReadReq, pb.ReadResp>,
    name: string,
    from: pb.ReadReq.Options.StreamOptions,
  ): void {
    calls.subscribe++;
    const fault = planned.take("subscribe");
    if (fault?.answer === "silence") return;
    let next = from.hasStart() ? 0 : from.hasEnd() ? newestOf(name) + 1 : Number(from.getRevision()) + 1;
    let sent = 0;
    let over = false;
    let last: Kept | undefined;
    const id = new pb.ReadResp.SubscriptionConfirmation().setSubscriptionId(crypto.randomUUID());
    call.write(new pb.ReadResp().setConfirmation(id));
    const leave = kept.heard((changed) => changed === name && setImmediate(pump));
    const end = () => {
      over = true;
      leave();
    };
    const send = (event: Kept) => call.write(new pb.ReadResp().setEvent(recordedOf(event, name)));
    function pump(): void {
      if (over) return;
      const found = kept.read(name, next, 1_000, false);
      if (found === "deleted") {
        end();
        call.emit("error", errorOf({ kind: "deleted" }, name));
        return;
      }
      if (found === "none") return;
      for (const event of found) {
        if (fault?.dropAfter !== undefined && sent >= fault.dropAfter) {
          end();
          const failed = fault.answer === undefined ? undefined : failure(fault.answer);
          if (failed === undefined) call.end();
          else call.emit("error", failed);
          return;
        }
        next = event.revision + 1;
        if (fault?.leaveOut === event.revision) continue;
        for (let copy = 1; copy <= (fault?.copies ?? 1); copy++) {
          if (copy > 1 && last !== undefined) send(last);
          send(event);
        }
        last = event;
        sent++;
      }
    }
    call.on("cancelled", end);
    call.on("close", end);
    pump();
  }

  function newestOf(name: string): number {
    const found = kept.read(name, "end", 1, true);
    return typeof found === "string" ? -1 : (found[0]?.revision ?? -1);
  }

  const remove =
    (how: "softDelete" | "tombstone") =>
    (
      call: ServerUnaryCall<pb.DeleteReq | pb.TombstoneReq, pb.DeleteResp | pb.TombstoneResp>,
      callback: sendUnaryData<pb.DeleteResp | pb.TombstoneResp>,
    ) => {
      const options = call.request.getOptions() as pb.DeleteReq.Options;
      const name = nameOf(options.getStreamIdentifier());
      const written = kept[how](name, expectedOf(options));
      if (written.kind !== "success") return callback(errorOf(written, name));
      const response = how === "softDelete" ? new pb.DeleteResp() : new pb.TombstoneResp();
      return callback(null, response.setNoPosition(new shared.Empty()));
    };

  async function start(): Promise<void> {
    const fresh = new Server({ "grpc.max_receive_message_length": 17 * 1024 * 1024 });
    fresh.addService(streamsGrpc.StreamsService, {
      append: (call: ServerReadableStream<pb.AppendReq, pb.AppendResp>, callback: sendUnaryData<pb.AppendResp>) =>
        void append(call, callback),
      batchAppend: (call: ServerDuplexStream<pb.BatchAppendReq, pb.BatchAppendResp>) => {
        calls.batchAppend++;
        batchAppend(call, kept, proposedOf);
      },
      read,
      delete: remove("softDelete"),
      tombstone: remove("tombstone"),
    });
    fresh.addService(gossipGrpc.GossipService, {
      read: (_: unknown, callback: sendUnaryData<gossip.ClusterInfo>) => callback(null, gossipOf(port)),
    });
    fresh.addService(featuresGrpc.ServerFeaturesService, {
      getSupportedMethods: (_: unknown, callback: sendUnaryData<features.SupportedMethods>) => {
        calls.features++;
        callback(null, supported());
      },
    });
    port = await new Promise<number>((resolve, reject) =>
      fresh.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    server = fresh;
  }

  await start();
  return {
    get port() {
      return port;
    },
    streams: kept,
    faults: planned,
    calls,
    start,
    stop() {
      server?.forceShutdown();
      server = undefined;
      return Promise.resolve();
    },
  };
}

function nameOf(identifier: shared.StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString("utf8");
}

function identifier(name: string): shared.StreamIdentifier {
  return new shared.StreamIdentifier().setStreamName(Uint8Array.from(Buffer.from(name, "utf8")));
}

function expectedOf(options: pb.AppendReq.Options | pb.DeleteReq.Options): Expected {
  if (options.hasAny()) return "any";
  if (options.hasNoStream()) return "no_stream";
  if (options.hasStreamExists()) return "stream_exists";
  return Number(options.getRevision());
}

function proposedOf(message: pb.AppendReq.ProposedMessage | pb.BatchAppendReq.ProposedMessage): Proposed {
  const said = message.getMetadataMap();
  const type = said.get("type");
  const contentType = said.get("content-type");
  if (type === undefined || contentType === undefined) throw new Error("required metadata is missing");
  return {
    id: message.getId()?.getString() ?? "",
    type,
    isJson: contentType === "application/json",
    data: Uint8Array.from(message.getData_asU8()),
    metadata: Uint8Array.from(message.getCustomMetadata_asU8()),
  };
}

function recordedOf(event: Kept, name: string): pb.ReadResp.ReadEvent {
  const recorded = new pb.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(event.id.toLowerCase()))
    .setStreamIdentifier(identifier(name))
    .setStreamRevision(String(event.revision))
    .setCommitPosition(String(event.position))
    .setPreparePosition(String(event.position))
    .setData(event.data)
    .setCustomMetadata(event.metadata);
  const said = recorded.getMetadataMap();
  said.set("type", event.type);
  said.set("created", String(BigInt(event.created) * 10_000n));
  said.set("content-type", event.isJson ? "application/json" : "application/octet-stream");
  return new pb.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(String(event.position));
}

function responseOf(
  written: Extract<Written, { kind: "success" | "wrong" }>,
  options: pb.AppendReq.Options,
): pb.AppendResp {
  const empty = new shared.Empty();
  if (written.kind === "success") {
    const at = new pb.AppendResp.Position()
      .setCommitPosition(String(written.position))
      .setPreparePosition(String(written.position));
    const success = new pb.AppendResp.Success().setCurrentRevision(String(written.last)).setPosition(at);
    return new pb.AppendResp().setSuccess(success);
  }
  const wrong = new pb.AppendResp.WrongExpectedVersion();
  if (written.current < 0) wrong.setCurrentNoStream(empty);
  else wrong.setCurrentRevision(String(written.current));
  if (options.hasAny()) wrong.setExpectedAny(empty);
  else if (options.hasStreamExists()) wrong.setExpectedStreamExists(empty);
  else if (options.hasNoStream()) wrong.setExpectedNoStream(empty);
  else wrong.setExpectedRevision(options.getRevision());
  return new pb.AppendResp().setWrongExpectedVersion(wrong);
}

/** A status with the trailers by which the client tells errors apart. */
function coded(code: status, details: string, exception: string, more: Record<string, string>): Partial<ServiceError> {
  const metadata = new Metadata();
  metadata.set("exception", exception);
  for (const [key, value] of Object.entries(more)) metadata.set(key, value);
  return { code, details, metadata };
}

function errorOf(written: Exclude<Written, { kind: "success" }>, name: string): Partial<ServiceError> {
  switch (written.kind) {
    case "deleted":
      return coded(status.FAILED_PRECONDITION, `Event stream '${name}' is deleted.`, "stream-deleted", {
        "stream-name": name,
      });
    case "too large":
      return coded(
        status.INVALID_ARGUMENT,
        `Maximum Append Size of ${written.max} Exceeded.`,
        "maximum-append-size-exceeded",
        { "maximum-append-size": String(written.max) },
      );
    case "wrong":
      return coded(status.FAILED_PRECONDITION, "failed due to WrongExpectedVersion", "wrong-expected-version", {
        "stream-name": name,
        "expected-version": "0",
        "actual-version": String(written.current),
      });
  }
}

function gossipOf(port: number): gossip.ClusterInfo {
  const member = new gossip.MemberInfo()
    .setInstanceId(new shared.UUID().setString(crypto.randomUUID()))
    .setState(gossip.MemberInfo.VNodeState.LEADER)
    .setIsAlive(true)
    .setHttpEndPoint(new gossip.EndPoint().setAddress("127.0.0.1").setPort(port));
  return new gossip.ClusterInfo().setMembersList([member]);
}

/** Like a server of version 21.10 or newer: it offers batch append, which the client takes unless it is kept from it. */
function supported(): features.SupportedMethods {
  const service = "event_store.client.streams.streams";
  const methods = ["read", "append", "delete", "tombstone", "batchappend"].map((name) =>
    new features.SupportedMethod().setServiceName(service).setMethodName(name),
  );
  return new features.SupportedMethods().setEventStoreServerVersion("24.10.0").setMethodsList(methods);
}
