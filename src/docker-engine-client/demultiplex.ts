export type OutputStream = "stdout" | "stderr";

const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Takes apart the stream of a container without a terminal: both outputs come in one, in frames of a header (which output,
 * and how long) and bytes. Frames are cut anywhere on the way.
 */
export class Demultiplexer {
  private readonly emit: (stream: OutputStream, data: Uint8Array) => void;
  private header = Buffer.alloc(0);
  private stream: OutputStream = "stdout";
  private left = 0;

  constructor(emit: (stream: OutputStream, data: Uint8Array) => void) {
    this.emit = emit;
  }

  push(data: Buffer): void {
    let rest = data;
    while (rest.length > 0) rest = this.left > 0 ? this.takeBytes(rest) : this.takeHeader(rest);
  }

  private takeBytes(data: Buffer): Buffer {
    const part = data.subarray(0, this.left);
    this.left -= part.length;
    this.emit(this.stream, part);
    return data.subarray(part.length);
  }

  private takeHeader(data: Buffer): Buffer {
    const missing = HEADER_BYTES - this.header.length;
    this.header = Buffer.concat([this.header, data.subarray(0, missing)]);
    if (this.header.length === HEADER_BYTES) {
      this.stream = this.header[0] === STDERR ? "stderr" : "stdout";
      this.left = this.header.readUInt32BE(4);
      this.header = Buffer.alloc(0);
    }
    return data.subarray(missing);
  }
}
