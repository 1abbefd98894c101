/** The statements of a schema editor: those that run at once, and those about other tables that wait until the end. */
export interface StatementQueue {
  run(sql: string): Promise<void>;
  defer(table: string, statements: readonly string[]): void;
  /** Runs what was kept back for one table, or for all. */
  flush(table?: string): Promise<void>;
  /** Leaves out what was kept back for a table that goes. */
  forget(table: string): void;
}

/** `runNow` is how the engine runs a statement without bindings. */
export function createStatementQueue(runNow: (sql: string) => Promise<unknown>): StatementQueue {
  let deferred: { readonly table: string; readonly sql: string }[] = [];
  const run = async (sql: string) => {
    await runNow(sql);
  };
  return {
    run,
    defer(table, statements) {
      deferred.push(...statements.map((sql) => ({ table, sql })));
    },
    async flush(table) {
      const ready = deferred.filter((each) => table === undefined || each.table === table);
      deferred = deferred.filter((each) => !ready.includes(each));
      for (const { sql } of ready) await run(sql);
    },
    forget(table) {
      deferred = deferred.filter((each) => each.table !== table);
    },
  };
}
