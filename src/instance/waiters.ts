/** Those who wait for a change of the instance. In memory alone: when the object is evicted they ask again. */
export class Waiters {
  private readonly waiting = new Set<() => void>();

  wake(): void {
    this.waiting.forEach((wake) => {
      wake();
    });
  }

  /** Resolves at the next change, or after `timeoutMs`. */
  changed(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(timeoutMs, 0));
      this.waiting.add(done);
    });
  }
}
