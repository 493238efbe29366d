import { bodyLimit as limitBody } from "hono/body-limit";
import { AppError } from "../../errors.ts";

/** Large enough for any configuration and for what a person pipes into a command, in bytes. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export const bodyLimit = limitBody({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw new AppError("payload_too_large", `The body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MB.`, {
      hint: "Copy large files into the machine in parts.",
    });
  },
});
