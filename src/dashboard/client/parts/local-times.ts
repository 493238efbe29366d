const FORMAT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** Moments in the reader's own time; the exact one is where they point. */
export function showLocalTimes(root: ParentNode): void {
  for (const time of root.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) {
      time.title = at.toISOString();
      time.textContent = FORMAT.format(at);
    }
  }
}
