/** Made by `src/dev/host-program.ts`, for every way the Worker is bundled. */
declare module "*/host-program.txt" {
  const text: string;
  export default text;
}
