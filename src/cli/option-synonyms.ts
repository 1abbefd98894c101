/** What other tools call options, and those here. */
const options: Readonly<Record<string, readonly string[]>> = {
  admin: ['superuser'],
  alias: ['database'],
  confirm: ['no-input'],
  db: ['database'],
  debug: ['traceback'],
  dry: ['dry-run'],
  file: ['output', 'password-file'],
  force: ['no-input'],
  indented: ['indent'],
  mail: ['email'],
  max: ['limit'],
  name: ['username'],
  out: ['output'],
  preview: ['dry-run'],
  pretend: ['dry-run'],
  pretty: ['indent'],
  quiet: ['verbosity 0'],
  role: ['group'],
  silent: ['verbosity 0'],
  simulate: ['dry-run'],
  stacktrace: ['traceback'],
  user: ['username'],
  using: ['database'],
  verbose: ['verbosity 2'],
  y: ['no-input'],
  yes: ['no-input'],
};

/** The option that somebody may mean who wrote `word`, of those that the command has: by what other tools call it. */
export function optionMeant(word: string, known: readonly string[]): string | undefined {
  const meant = Object.hasOwn(options, word) ? options[word] : undefined;
  return meant?.find((name) => known.includes(name.split(' ')[0] ?? ''));
}
