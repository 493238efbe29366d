/** As much of RFC 6455 as a benchmark needs: whole, short, binary messages. */
import { createHash } from "node:crypto";

const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const BINARY = 0x82;
const MASKED = 0x80;
const LENGTH_BITS = 0x7f;

export function acceptKeyOf(key: string): string {
  return createHash("sha1")
    .update(key + MAGIC)
    .digest("base64");
}

/** Of at most 125 bytes. `mask` is what a client's message must have. */
export function frameOf(message: Buffer, mask?: Buffer): Buffer {
  if (mask === undefined) {
    return Buffer.concat([Buffer.from([BINARY, message.length]), message]);
  }
  return Buffer.concat([Buffer.from([BINARY, MASKED | message.length]), mask, masked(message, mask)]);
}

/** The messages that are complete, and the bytes after them. Whatever else than a message comes is passed over. */
export function readFrames(bytes: Buffer): { messages: Buffer[]; rest: Buffer } {
  const messages: Buffer[] = [];
  let at = 0;
  while (bytes.length - at >= 2) {
    const [head = 0, second = 0] = bytes.subarray(at);
    const length = second & LENGTH_BITS;
    const start = at + 2 + (second & MASKED ? 4 : 0);
    if (bytes.length < start + length) {
      break;
    }
    const payload = bytes.subarray(start, start + length);
    if (head === BINARY) {
      messages.push(second & MASKED ? masked(payload, bytes.subarray(at + 2, start)) : payload);
    }
    at = start + length;
  }
  return { messages, rest: bytes.subarray(at) };
}

function masked(message: Buffer, mask: Buffer): Buffer {
  return Buffer.from(message.map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
}
