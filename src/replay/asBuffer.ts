/** Bytes as a `Buffer` over the same memory, for its fast text functions. A database driver mostly gives buffers already. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
