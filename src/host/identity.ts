import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { join } from "node:path";
import { readStateFile, writeStateFile } from "./state-file.ts";

/** The key that the server enrols with: made once, and never shown to anybody. */
export interface Identity {
  /** Base64url of the 32 bytes of an Ed25519 public key. */
  publicKey: string;
  sign(text: string): string;
}

export function loadIdentity(stateDir: string): Identity {
  const path = join(stateDir, "key.pem");
  const kept = readStateFile(path);
  const key = kept === undefined ? makeKey(path) : createPrivateKey(kept);
  return {
    publicKey: createPublicKey(key).export({ format: "jwk" }).x ?? "",
    sign: (text) => sign(null, Buffer.from(text), key).toString("base64url"),
  };
}

/** Kept before it is used: a key that enrolled and was lost would lock the server out. */
function makeKey(path: string): KeyObject {
  const { privateKey } = generateKeyPairSync("ed25519");
  writeStateFile(path, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  return privateKey;
}
