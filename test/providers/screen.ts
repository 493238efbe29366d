import type { Terminal } from "../../src/provisioning/terminal/terminal.ts";

export interface Screen {
  /** Waits until it shows this. */
  until(wanted: string): Promise<void>;
  /** Resolves when nothing more will be shown. */
  over: Promise<void>;
  text(): string;
}

/** Collects what a terminal shows and waits for parts of it. */
export function watch(terminal: Terminal): Screen {
  let text = "";
  let wake = () => {};
  const decoder = new TextDecoder();
  const over = (async () => {
    for await (const bytes of terminal.output) {
      text += decoder.decode(bytes, { stream: true });
      wake();
    }
  })();
  const until = async (wanted: string): Promise<void> => {
    while (!text.includes(wanted)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { until, over, text: () => text };
}
