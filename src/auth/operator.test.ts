import { expect, it } from "vitest";
import { bearerSecret, isSecret } from "./operator.ts";

it.each([
  ["Bearer s3cret", "s3cret"],
  ["bearer  s3cret", "s3cret"],
  ["Basic s3cret", undefined],
  ["Bearer", undefined],
  ["Bearer a b", undefined],
  [undefined, undefined],
])("%j holds the secret %j", (header, secret) => {
  expect(bearerSecret(header)).toBe(secret);
});

it("takes the secret, and neither its beginning, nor more of it, nor nothing", async () => {
  expect(await isSecret("s3cret", "s3cret")).toBe(true);
  for (const given of ["s3cre", "s3cret1", "S3cret", ""]) {
    expect(await isSecret(given, "s3cret")).toBe(false);
  }
});
