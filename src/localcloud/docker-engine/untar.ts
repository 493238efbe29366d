/** Just enough of tar to take files and folders from it: ustar, GNU's and POSIX's long names. Links are refused. */
import { posix } from "node:path";
import type { PendingFile } from "./records.ts";
import { badRequest } from "./refusal.ts";

const BLOCK = 512;

interface Header {
  name: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  type: string;
}

/** What an archive would put below a folder. */
export function filesOf(archive: Buffer, folder: string): PendingFile[] {
  if (archive[0] === 0x1f && archive[1] === 0x8b) throw badRequest("compressed archives are not understood");
  const files: PendingFile[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = headerAt(archive, at);
    if (!header) break;
    const content = archive.subarray(at + BLOCK, at + BLOCK + header.size);
    at += BLOCK + Math.ceil(header.size / BLOCK) * BLOCK;
    if (content.length < header.size) throw badRequest("unexpected EOF");
    if (header.type === "L") longName = text(content);
    else if (header.type === "x") longName = posixName(content) ?? longName;
    else if (header.type !== "g") {
      files.push(fileOf({ ...header, name: longName ?? header.name }, content, folder));
      longName = undefined;
    }
  }
  return files;
}

function fileOf({ name, mode, uid, gid, type }: Header, content: Buffer, folder: string): PendingFile {
  if (type !== "0" && type !== "\0" && type !== "5") {
    throw badRequest(`${name}: only files and folders are understood, not type ${type}`);
  }
  // As the engine does: nothing in an archive leads out of the folder.
  const path = posix.join(folder, posix.join("/", name)).replace(/(?<=.)\/$/, "");
  const isFolder = type === "5";
  return {
    path,
    base64: isFolder ? "" : content.toString("base64"),
    mode,
    owner: { uid, gid },
    ...(isFolder ? { isFolder } : {}),
  };
}

function headerAt(archive: Buffer, at: number): Header | undefined {
  const block = archive.subarray(at, at + BLOCK);
  if (block.every((byte) => byte === 0)) return undefined;
  const octal = (from: number, bytes: number) =>
    Number.parseInt(text(block.subarray(from, from + bytes)).trim() || "0", 8);
  const isUstar = block.toString("latin1", 257, 262) === "ustar";
  const prefix = isUstar && block[263] === 0x30 ? text(block.subarray(345, 500)) : "";
  const name = text(block.subarray(0, 100));
  const header = {
    name: prefix ? `${prefix}/${name}` : name,
    mode: octal(100, 8),
    uid: octal(108, 8),
    gid: octal(116, 8),
    size: octal(124, 12),
    type: String.fromCharCode(block[156] ?? 0),
  };
  if (Number.isNaN(header.size)) throw badRequest("archive/tar: invalid tar header");
  return header;
}

function text(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, end === -1 ? bytes.length : end);
}

/** `25 path=some/long/name\n`, one of several. */
function posixName(content: Buffer): string | undefined {
  return content.toString("utf8").match(/^\d+ path=(.*)$/m)?.[1];
}
