import type { OutputStream } from "../guest/protocol.ts";

const HEADER_BYTES = 8;
const NUMBER = { stdout: 1, stderr: 2 } as const;

/** One piece of one output, as the engine's streams carry it where there is no terminal. */
export function frame(stream: OutputStream, data: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(NUMBER[stream], 0);
  header.writeUInt32BE(data.length, 4);
  return Buffer.concat([header, data]);
}

export const MULTIPLEXED = "application/vnd.docker.multiplexed-stream";
export const RAW = "application/vnd.docker.raw-stream";
