/** What a page says after an action, by the code that the action leads to it with. */
const DONE = {
  start: "Start was accepted. The state shows how far it is.",
  stop: "Stop was accepted. The state shows how far it is.",
  restart: "Restart was accepted. The state shows how far it is.",
  suspend: "Suspend was accepted. The state shows how far it is.",
  resume: "Resume was accepted. The state shows how far it is.",
  already: "It was so already: nothing was done.",
  delete: "Delete was accepted. It ends when the vendor has confirmed that nothing is left.",
  named: "Name and labels were saved.",
  access: "Access was changed. It has taken effect everywhere within ten seconds.",
  sleep: "Sleep and schedule were saved.",
  held: "It is held awake.",
  released: "The hold was let go.",
  rotated: "It has a new address. The old one is dead everywhere within ten seconds.",
  offered: "The offer was made. It is open for seven days.",
  withdrawn: "The offer was withdrawn.",
  cloned: "The clone is being made. This is its page.",
} as const;

export type DoneCode = keyof typeof DONE;

/** Undefined for a code that is none of ours: what stands in an address is not repeated. */
export function doneText(code: string | undefined): string | undefined {
  return code !== undefined && Object.hasOwn(DONE, code) ? DONE[code as DoneCode] : undefined;
}
