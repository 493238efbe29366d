/** Just enough of tar to hand files and folders to the engine. */

const BLOCK = 512;
const NAME_BYTES = 100;
const DEFAULT_MODE = 0o644;
const DEFAULT_FOLDER_MODE = 0o755;
const ROOT = { uid: 0, gid: 0 };
/** GNU's way of saying a long name: an entry of its own whose content is the next entry's name. */
const LONG_NAME = { path: "././@LongLink", type: "L" };

export interface TarFile {
  path: string;
  content: Uint8Array;
  mode?: number;
  owner?: { uid: number; gid: number };
  isFolder?: boolean;
}

export function tarOf(files: readonly TarFile[]): Uint8Array {
  const end = Buffer.alloc(2 * BLOCK);
  return Buffer.concat([...files.flatMap(entries), end]);
}

function entries({ path, content, mode, owner = ROOT, isFolder = false }: TarFile): Uint8Array[] {
  const name = Buffer.from(path.replace(/^\/+/, ""));
  const usual = isFolder ? DEFAULT_FOLDER_MODE : DEFAULT_MODE;
  const file = entry({ name, content, mode: mode ?? usual, owner, type: isFolder ? "5" : "0" });
  if (name.length <= NAME_BYTES) return file;
  const long = { name: Buffer.from(LONG_NAME.path), content: Buffer.concat([name, Buffer.alloc(1)]) };
  return [...entry({ ...long, mode: 0, owner: ROOT, type: LONG_NAME.type }), ...file];
}

function entry(
  about: Required<Omit<TarFile, "path" | "isFolder">> & { name: Buffer; type: string },
): Uint8Array[] {
  const { name, content, mode, owner, type } = about;
  const header = Buffer.alloc(BLOCK);
  name.copy(header, 0, 0, NAME_BYTES);
  octal(header, 100, 8, mode & 0o7777);
  octal(header, 108, 8, owner.uid);
  octal(header, 116, 8, owner.gid);
  octal(header, 124, 12, content.length);
  octal(header, 136, 12, 0);
  header.write(type, 156);
  header.write("ustar\u000000", 257);
  // The sum counts its own field as blanks.
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return [header, content, padding];
}

function octal(header: Buffer, at: number, bytes: number, value: number): void {
  header.write(`${value.toString(8).padStart(bytes - 1, "0")}\0`, at);
}
