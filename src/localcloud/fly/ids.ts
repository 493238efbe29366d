import { customAlphabet } from "nanoid";
import { ulid } from "ulid";

const hex = customAlphabet("0123456789abcdef", 14);
const base32 = customAlphabet("0123456789abcdefghjkmnpqrstvwxyz");

/** Fourteen hexadecimal digits, as the vendor's are. */
export const newMachineId = (): string => hex();
export const newVolumeId = (): string => `vol_${base32(16)}`;
/** One per version of a machine's configuration; sortable. */
export const newInstanceId = (): string => ulid();
export const newEventId = (): string => ulid();
export const newAppId = (): string => base32(16);
export const newRequestId = (region: string): string => `${ulid()}-${region}`;
export const newNonce = (): string => hex();
