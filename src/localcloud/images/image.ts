/** What an image reference turns into on this computer. */
export interface ResolvedImage {
  /** What really runs, shown to people. */
  description: string;
  /** Whether it is the software the reference names, or something that stands in for it. */
  real: boolean;
  entrypoint: string[];
  cmd: string[];
  env: Record<string, string>;
  workdir?: string;
  /** Folders and files of the host that the machine sees read-only. */
  binds: { from: string; to: string }[];
  symlinks?: { path: string; target: string }[];
  /** Maps a configured command to what can run here. */
  bundledCommand?: (argv: string[]) => string[];
  /** The id that a container engine knows it by: only there can it run. */
  engineImage?: string;
}

export interface ImageContext {
  progress(line: string): void;
}

export interface ImageStore {
  /** Runs while the machine is `creating`; each line of progress becomes a log line of the machine. */
  resolve(ref: string, context: ImageContext): Promise<ResolvedImage>;
}
