// Name-based UUIDs against the example of the standard.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { uuidV5 } from "../../src/events/uuid.js";

const test = suite("uuidV5");

test("the example of RFC 9562, appendix A.4", () => {
  const dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  assert.is(uuidV5(dns, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
});

test("another name, another id; a name is its UTF-8", () => {
  const namespace = "01920000-0000-7000-8000-000000000001";
  assert.is.not(uuidV5(namespace, "0/1"), uuidV5(namespace, "0/2"));
  assert.is(uuidV5(namespace, "đ"), uuidV5(namespace.toUpperCase(), "đ"));
});

test.run();
