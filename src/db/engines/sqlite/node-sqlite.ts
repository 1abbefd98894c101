interface Statement {
  setReadBigInts(enabled: boolean): void;
  all(...bindings: unknown[]): Record<string, unknown>[];
  run(...bindings: unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
}
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}
export interface NodeSqlite {
  DatabaseSync: new (filename: string, options?: { readonly readOnly?: boolean }) => Database;
}

/** `node:sqlite`, without its ExperimentalWarning, or undefined where this Node has none. */
export function loadNodeSqlite(): NodeSqlite | undefined {
  const { emitWarning } = process;
  const withoutThatOne = (warning: string | Error, ...rest: unknown[]) => {
    if (rest[0] === 'ExperimentalWarning' && String(warning).startsWith('SQLite ')) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  // The warning is given while the module loads, which is synchronous: nothing else can run meanwhile.
  process.emitWarning = withoutThatOne;
  try {
    return process.getBuiltinModule('node:sqlite') as NodeSqlite | undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}
