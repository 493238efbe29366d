/** Made by `src/dev/made-modules.ts`, for every way the Worker is bundled. */
declare module "*/host-program.txt" {
  const text: string;
  export default text;
}
declare module "*/browser-assets.txt" {
  const text: string;
  export default text;
}
declare module "*/documentation.txt" {
  const text: string;
  export default text;
}
