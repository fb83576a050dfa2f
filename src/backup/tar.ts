/**
 * One file of many: POSIX ustar (IEEE Std 1003.1, pax, "ustar Interchange Format"), as little of it as an export needs: regular files with short
 * names, owner 0, mode 0600, time 0, so that the same files give the same bytes and any `tar` unpacks them. Sizes from 8 GiB on are written in base 256
 * (GNU). Read strictly: what this would not have written is an error, so that nothing can be hidden in one.
 */
import type { ExportFile } from "../export/exportFiles.js";

const blockSize = 512;
const octalMax = 8 ** 11;

/** The bytes of a tar of these files; answers what their generator does. */
export async function* joinTar<T>(files: AsyncGenerator<ExportFile, T>): AsyncGenerator<Uint8Array, T> {
  try {
    for (;;) {
      const next = await files.next();
      if (next.done === true) {
        yield new Uint8Array(2 * blockSize);
        return next.value;
      }
      const { path, length, bytes } = next.value;
      yield headerOf(path, length);
      let written = 0;
      for await (const part of bytes) {
        written += part.length;
        yield part;
      }
      if (written !== length) throw new Error(`${path} came to ${written} bytes, not ${length}`);
      if (length % blockSize !== 0) yield new Uint8Array(blockSize - (length % blockSize));
    }
  } finally {
    await files.return(undefined as T);
  }
}

function headerOf(path: string, length: number): Uint8Array {
  const header = Buffer.alloc(blockSize);
  if (Buffer.byteLength(path) > 100) throw new RangeError(`${path} is longer than a name in a tar may be`);
  header.write(path, 0);
  header.write("0000600\0" + "0000000\0" + "0000000\0", 100);
  if (length < octalMax) header.write(`${length.toString(8).padStart(11, "0")} `, 124);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(length), 128);
  }
  header.write("00000000000 ", 136);
  header.write("0", 156);
  header.write("ustar\0" + "00", 257);
  header.write(`${checksumOf(header).toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

/** The sum of the header's bytes, its checksum taken as spaces. */
function checksumOf(header: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < blockSize; at++) sum += at >= 148 && at < 156 ? 0x20 : (header[at] as number);
  return sum;
}

/** What is not a tar of ours: where, in bytes from the beginning. */
export class TarError extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.name = "TarError";
    this.at = at;
  }
}

/**
 * The files of a tar, one after another; each must be read to its end before the next is asked for. Ends only behind the last block, with the
 * stream at its end: what was cut off, or has something behind it, is a {@link TarError}.
 */
export async function* cutTar(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ExportFile, void> {
  const source = reader(stream);
  for (;;) {
    const at = source.at();
    const header = await source.exactly(blockSize);
    if (header.every((byte) => byte === 0)) {
      const end = await source.exactly(blockSize);
      if (end.some((byte) => byte !== 0) || !(await source.isAtEnd()))
        throw new TarError(at, "something stands behind its end");
      return;
    }
    const path = header.toString("latin1", 0, header.indexOf(0));
    const length = lengthIn(header, at);
    if (Buffer.compare(header, headerOf(path, length)) !== 0)
      throw new TarError(at, "a header is not as this program writes it");
    let left = length;
    yield {
      path,
      length,
      bytes: (async function* () {
        while (left > 0) {
          const part = await source.upTo(left);
          left -= part.length;
          yield part;
        }
      })(),
    };
    if (left > 0) throw new Error(`${path} was not read to its end`);
    const padding = (blockSize - (length % blockSize)) % blockSize;
    if ((await source.exactly(padding)).some((byte) => byte !== 0))
      throw new TarError(source.at(), "something stands between two files");
  }
}

function lengthIn(header: Buffer, at: number): number {
  if (header[124] === 0x80) {
    const length = header.readBigUInt64BE(128);
    if (length > BigInt(Number.MAX_SAFE_INTEGER)) throw new TarError(at, "a file is longer than can be counted");
    return Number(length);
  }
  const octal = /^([0-7]{11}) $/.exec(header.toString("latin1", 124, 136))?.[1];
  if (octal === undefined) throw new TarError(at, "this is no header of a file");
  return Number.parseInt(octal, 8);
}

/** Bytes of a stream by count. */
function reader(stream: AsyncIterable<Uint8Array>) {
  const parts = stream[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  let read = 0;
  async function more(): Promise<boolean> {
    while (rest.length === 0) {
      const next = await parts.next();
      if (next.done === true) return false;
      rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    return true;
  }
  async function upTo(length: number): Promise<Buffer> {
    if (!(await more())) throw new TarError(read, "it ends in the middle of a file");
    const part = rest.subarray(0, length);
    rest = rest.subarray(part.length);
    read += part.length;
    return part;
  }
  return {
    at: () => read,
    upTo,
    async exactly(length: number): Promise<Buffer> {
      const gathered: Buffer[] = [];
      for (let left = length; left > 0; ) {
        const part = await upTo(left);
        gathered.push(part);
        left -= part.length;
      }
      return Buffer.concat(gathered);
    },
    isAtEnd: async () => !(await more()),
  };
}
