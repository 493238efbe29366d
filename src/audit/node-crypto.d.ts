/** The one thing the Worker takes from Node's crypto: a hash that does not have to be awaited. The runtime's types leave it out. */
declare module "node:crypto" {
  export function createHash(algorithm: "sha256"): {
    update(text: string): { digest(encoding: "hex"): string };
  };
}
