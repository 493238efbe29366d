/** What the engine says while it pulls, one of many a second. */
export interface PullEvent {
  id?: string;
  status?: string;
  progressDetail?: { current?: number; total?: number };
  error?: string;
}

const MEGABYTE = 1e6;

/** Adds up what is told of each layer. */
export class PullProgress {
  private readonly layers = new Map<string, { done: number; total: number }>();

  add({ id, status, progressDetail }: PullEvent): void {
    if (id === undefined) return;
    if (status === "Downloading" && progressDetail?.total) {
      this.layers.set(id, { done: progressDetail.current ?? 0, total: progressDetail.total });
    }
    const layer = this.layers.get(id);
    if (layer && (status === "Download complete" || status === "Pull complete")) layer.done = layer.total;
  }

  /** The total grows while the engine finds out about more layers. */
  summary(): string {
    const layers = [...this.layers.values()];
    const sum = (of: (layer: { done: number; total: number }) => number) =>
      Math.round(layers.reduce((total, layer) => total + of(layer), 0) / MEGABYTE);
    return `${sum(({ done }) => done)} of ${sum(({ total }) => total)} MB`;
  }
}
