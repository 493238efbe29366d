import { describe, expect, it } from "vitest";
import { PlainTextStream, plainText } from "./plain-text.ts";

const ESC = String.fromCharCode(27);
const BEL = String.fromCharCode(7);

const HOSTILE: [what: string, text: string, plain: string][] = [
  ["colors", `${ESC}[31mred${ESC}[0m`, "red"],
  ["cursor movements and erasing", `a${ESC}[2K${ESC}[1Gb${ESC}[?25l`, "ab"],
  ["a title", `${ESC}]0;owned${BEL}x`, "x"],
  ["a title that ends by ST", `${ESC}]2;owned${ESC}\\x`, "x"],
  ["the clipboard", `${ESC}]52;c;cm0gLXJmIC8=${BEL}x`, "x"],
  ["a link, of which its text is left", `${ESC}]8;;http://x.test${BEL}here${ESC}]8;;${BEL}`, "here"],
  ["a picture", `${ESC}Pq#0;2;0;0;0${ESC}\\x`, "x"],
  ["eight-bit sequences", "\u009b31mred\u009d0;t\u009cx", "redx"],
  ["a string that never ends, which hides nothing", `${ESC}]0;all that follows`, "0;all that follows"],
  ["bells, nulls and backspaces", `a${BEL}\0\bb\u007f`, "ab"],
  ["a carriage return, which would overwrite", "safe\rrm -rf", "safe\nrm -rf"],
  ["line ends of any kind", "a\r\nb\nc\td", "a\nb\nc\td"],
  ["directional overrides, which it shows", "a\u202eb\u2066c", "a\ufffdb\ufffdc"],
];

describe("what a machine wrote", () => {
  it.each(HOSTILE)("is shown without %s", (_, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  it.each(HOSTILE)("is shown without %s when it comes in single characters", (_, text, plain) => {
    const stream = new PlainTextStream();
    const shown = Array.from(text, (char) => stream.push(char)).join("") + stream.end();
    expect(shown).toBe(plain);
  });

  it("holds nothing back for ever", () => {
    const stream = new PlainTextStream();
    const shown = stream.push(`${ESC}]0;${"x".repeat(5_000)}`);
    expect(shown.length).toBeGreaterThan(4_000);
  });

  // One that looked back from each place to all before it would not be done in the time that a test has.
  it("ends, however much of it begins what never ends", () => {
    expect(plainText(`${ESC}]`.repeat(200_000))).not.toContain(ESC);
    expect(plainText(`${ESC}[0;`.repeat(100_000))).not.toContain(ESC);
  });
});
