/** Bytes on their way to one reader, who may be slower than what is pushed. */
export class ByteQueue implements AsyncIterable<Uint8Array> {
  private readonly parts: Uint8Array[] = [];
  private readonly limit: number;
  private size = 0;
  private isEnded = false;
  private wakeReader: () => void = () => {};
  private wakeWriter: () => void = () => {};

  constructor(limit: number) {
    this.limit = limit;
  }

  push(part: Uint8Array): void {
    this.parts.push(part);
    this.size += part.length;
    this.wakeReader();
  }

  get isFull(): boolean {
    return this.size >= this.limit;
  }

  /** What was pushed is still handed out. */
  end(): void {
    this.isEnded = true;
    this.wakeReader();
    this.wakeWriter();
  }

  /** Resolves once there is room, or nothing more is wanted. */
  async room(): Promise<void> {
    while (this.isFull && !this.isEnded) {
      await new Promise<void>((resolve) => {
        this.wakeWriter = resolve;
      });
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const part = this.parts.shift();
      if (part !== undefined) {
        this.size -= part.length;
        this.wakeWriter();
        yield part;
      } else if (this.isEnded) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.wakeReader = resolve;
        });
      }
    }
  }
}
