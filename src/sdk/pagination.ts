/** One page of a list. */
export interface Page<T> {
  items: T[];
  /** Where the next page starts; `null` on the last one. */
  nextCursor: string | null;
}

/** Walks a list page by page, asking for the next one only when it is needed. */
export async function* paginate<T>(
  fetchPage: (cursor: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<T, void, void> {
  let cursor: string | undefined;
  do {
    const page = await fetchPage(cursor);
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

/** Everything an iterable yields, up to `limit` items. */
export async function collect<T>(
  items: AsyncIterable<T>,
  limit: number = Number.POSITIVE_INFINITY,
): Promise<T[]> {
  const all: T[] = [];
  if (limit <= 0) return all;
  for await (const item of items) {
    all.push(item);
    if (all.length >= limit) break;
  }
  return all;
}
