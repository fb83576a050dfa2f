/** Documents: bytes that are there, are UTF-8, and are not the same again. */
import { suite } from "uvu";
import { charter, charter2, content, document, roomPolicy, run, uuid } from "./cast.js";
import { until } from "./history.js";

const test = suite("documents");
const open = until("open").with(charter, charter2);
const registering = { document, title: "Charter", source: null, content: charter.commitment };

test("a document is registered with title, commitment and length, never with its text", () => {
  open.when("RegisterDocument", registering, "ed").thenFacts({
    stream: `document-${document}`,
    type: "DocumentRegistered",
    data: { ...registering, length: charter.bytes.length },
  });
  open.when("RegisterDocument", registering, "bot").facts();
});

test("a document id is registered once", () => {
  until("registered").when("RegisterDocument", registering, "ed").thenRefused("DOCUMENT_EXISTS", { document });
});

test("a revision is counted from 1 and says its length", () => {
  until("registered")
    .when("ReviseDocument", { document, content: charter2.commitment }, "ed")
    .thenFacts({
      stream: `document-${document}`,
      type: "DocumentRevised",
      data: { document, revision: 1, content: charter2.commitment, length: charter2.bytes.length },
    });
});

test("the same bytes again are no revision, under another salt neither", () => {
  const again = content(charter.bytes, 77);
  for (const { commitment } of [charter, again])
    until("registered")
      .with(again)
      .when("ReviseDocument", { document, content: commitment }, "ed")
      .thenRefused("SAME_BYTES", { document, revision: 0, length: charter.bytes.length });
});

test("a document nobody registered, and one with an open run, are not revised", () => {
  until("registered")
    .when("ReviseDocument", { document: uuid(9), content: charter2.commitment }, "ed")
    .thenRefused("DOCUMENT_UNKNOWN", { document: uuid(9) });
  until("opened")
    .when("ReviseDocument", { document, content: charter2.commitment }, "ed")
    .thenRefused("RUN_OPEN", { document, run });
});

test("content that is not stored, is empty, too large, not UTF-8 or holds a NUL is refused, with the byte", () => {
  const ask = (text: ReturnType<typeof content>) =>
    open.with(text).when("RegisterDocument", { ...registering, content: text.commitment }, "ed");
  open
    .when("RegisterDocument", { ...registering, content: "00".repeat(32) }, "ed")
    .thenRefused("CONTENT_MISSING", { content: "00".repeat(32) });
  ask(content("")).thenRefused("CONTENT_EMPTY", { length: 0 });
  ask(content(Uint8Array.of(0x61, 0xc3, 0x28))).thenRefused("INVALID_UTF8", { offset: 1 });
  ask(content(Uint8Array.of(0xed, 0xa0, 0x80))).thenRefused("INVALID_UTF8", { offset: 0 });
  ask(content("ab\u0000c")).thenRefused("NUL_BYTE", { offset: 2 });
  ask(content("\ufeffa byte order mark is kept")).facts();
  const small = { ...roomPolicy, contentSizeMax: 10 };
  open
    .after("AdoptPolicy", { policy: small }, "sam")
    .when("RegisterDocument", registering, "ed")
    .thenRefused("CONTENT_TOO_LARGE", { length: charter.bytes.length, sizeMax: 10 });
});

test.run();
