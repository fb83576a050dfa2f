// Batch append: one call for as long as a client lives, many appends in it, each answered by its correlation id, errors as messages and not
// as the call's status. What a client uses by default, and the ledger never.
import shared from "@eventstore/db-client/generated/shared_pb.js";
import status from "@eventstore/db-client/generated/status_pb.js";
import pb from "@eventstore/db-client/generated/streams_pb.js";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Expected, Proposed, Streams, Written } from "./streams.js";

type Call = ServerDuplexStream<pb.BatchAppendReq, pb.BatchAppendResp>;

/** Takes the appends of one call. `proposedOf` reads an event. */
export function batchAppend(
  call: Call,
  kept: Streams,
  proposedOf: (message: pb.BatchAppendReq.ProposedMessage) => Proposed,
): void {
  const pending = new Map<string, { name: string; expected: Expected; events: Proposed[] }>();
  call.on("data", (request: pb.BatchAppendReq) => {
    const id = request.getCorrelationId()?.getString() ?? "";
    const options = request.getOptions();
    if (options !== undefined) {
      const name = Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString("utf8");
      pending.set(id, { name, expected: expectedOf(options), events: [] });
    }
    const write = pending.get(id);
    if (write === undefined) return;
    write.events.push(...request.getProposedMessagesList().map(proposedOf));
    if (!request.getIsFinal()) return;
    pending.delete(id);
    const response = new pb.BatchAppendResp()
      .setCorrelationId(new shared.UUID().setString(id))
      .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Uint8Array.from(Buffer.from(write.name))));
    call.write(answered(response, kept.append(write.name, write.expected, write.events), write.expected));
  });
  call.on("end", () => call.end());
}

function expectedOf(options: pb.BatchAppendReq.Options): Expected {
  if (options.hasAny()) return "any";
  if (options.hasNoStream()) return "no_stream";
  if (options.hasStreamExists()) return "stream_exists";
  return Number(options.getStreamPosition());
}

function answered(response: pb.BatchAppendResp, written: Written, expected: Expected): pb.BatchAppendResp {
  switch (written.kind) {
    case "success": {
      const success = new pb.BatchAppendResp.Success().setCurrentRevision(String(written.last));
      return response.setSuccess(success.setNoPosition(new empty.Empty()));
    }
    case "wrong": {
      const wrong = new shared.WrongExpectedVersion();
      if (written.current < 0) wrong.setCurrentNoStream(new empty.Empty());
      else wrong.setCurrentStreamRevision(String(written.current));
      if (typeof expected === "number") wrong.setExpectedStreamPosition(String(expected));
      else if (expected === "no_stream") wrong.setExpectedNoStream(new empty.Empty());
      else if (expected === "stream_exists") wrong.setExpectedStreamExists(new empty.Empty());
      else wrong.setExpectedAny(new empty.Empty());
      return response.setError(errorOf("WrongExpectedVersion", wrong.serializeBinary()));
    }
    case "deleted":
      return response.setError(errorOf("StreamDeleted", new shared.StreamDeleted().serializeBinary()));
    case "too large": {
      const limit = new shared.MaximumAppendSizeExceeded().setMaxappendsize(written.max);
      return response.setError(errorOf("MaximumAppendSizeExceeded", limit.serializeBinary()));
    }
  }
}

function errorOf(name: string, bytes: Uint8Array): status.Status {
  const details = new any.Any();
  details.pack(bytes, `event_store.client.${name}`);
  return new status.Status().setMessage(name).setDetails(details);
}
