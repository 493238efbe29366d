/** The one thing the Worker takes from Node's crypto: a hash inside a synchronous transaction. The runtime's types leave it out. */
declare module "node:crypto" {
  export function createHash(algorithm: "sha256"): {
    update(text: string): { digest(encoding: "hex"): string };
  };
}
