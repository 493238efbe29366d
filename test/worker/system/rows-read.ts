/** The database, and how many rows its statements have read: what a page costs. */
export function countRows(db: D1Database): { db: D1Database; rowsRead: () => number } {
  let rows = 0;
  const originals = new WeakMap<object, D1PreparedStatement>();
  const count = <T extends { meta: D1Meta }>(result: T): T => {
    rows += result.meta.rows_read;
    return result;
  };
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
    const wrapped = new Proxy(statement, {
      get(target, name) {
        switch (name) {
          case "bind":
            return (...values: unknown[]) => wrap(target.bind(...values));
          case "raw":
            // Bare rows come without a count: the same is asked once more with one.
            return async () => {
              count(await target.all());
              return target.raw();
            };
          case "all":
          case "run":
            return async () => count(await target[name]());
          default:
            return Reflect.get(target, name).bind(target);
        }
      },
    });
    originals.set(wrapped, statement);
    return wrapped;
  };
  const counting = new Proxy(db, {
    get(target, name) {
      if (name === "prepare") {
        return (query: string) => wrap(target.prepare(query));
      }
      if (name === "batch") {
        return async (statements: D1PreparedStatement[]) =>
          (await target.batch(statements.map((each) => originals.get(each) ?? each))).map(count);
      }
      return Reflect.get(target, name).bind(target);
    },
  });
  return { db: counting, rowsRead: () => rows };
}
