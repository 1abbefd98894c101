import type { OptionSpec, Options } from '../command.js';

/** An option with the ways in which it may be written. */
export interface Spelling {
  /** As the command declares it: `noInput`. */
  readonly key: string;
  /** Without dashes, the first one being the chief one: `no-input`, `noinput`. */
  readonly long: readonly string[];
  readonly short: string | undefined;
  readonly spec: OptionSpec;
  readonly group: 'own' | 'model' | 'global';
}

/** Options of every command, in Django's spelling (Django 5.2 core/management/base.py, create_parser). */
export const globalOptions = {
  verbosity: {
    type: 'integer',
    short: 'v',
    min: 0,
    max: 3,
    default: 1,
    placeholder: '{0,1,2,3}',
    describe: '0 is minimal output, 1 normal, 2 verbose, 3 very verbose.',
  },
  json: { type: 'boolean', describe: 'Write one JSON document to stdout, and errors as JSON to stderr.' },
  config: {
    type: 'string',
    placeholder: 'FILE',
    describe: 'Config file, instead of the nearest manage.config.*.',
  },
  introspect: { type: 'boolean', describe: 'Read the models from the database instead of the settings.' },
  noColor: { type: 'boolean', describe: "Don't use colors." },
  forceColor: { type: 'boolean', describe: 'Use colors even when the output is not a terminal.' },
  traceback: { type: 'boolean', describe: 'Show stack traces.' },
  settings: { type: 'string', hidden: true, placeholder: 'MODULE', describe: 'Taken for Django’s sake, and ignored.' },
  pythonpath: { type: 'string', hidden: true, placeholder: 'PATH', describe: 'Taken for Django’s sake, and ignored.' },
  skipChecks: { type: 'boolean', hidden: true, describe: 'Taken for Django’s sake, and ignored.' },
  version: { type: 'boolean', describe: 'Show the version.' },
  help: { type: 'boolean', short: 'h', describe: 'Show the help of this command.' },
} as const satisfies Options;

/** `noInput` becomes `no-input`. */
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A field of a model is spelt as it is named, as in Django; `--full-name` is taken for `--full_name` too. */
const fieldSpellings = (name: string) => [...new Set([name, name.replaceAll('_', '-')])];

/** All options that a command takes; its own come first and win over others of the same spelling. */
export function spellingsOf(own: Options, model: Options, globals: Options = globalOptions): Spelling[] {
  const spellings: Spelling[] = [];
  const taken = new Set<string>();
  for (const [group, options] of Object.entries({ own, model, global: globals }) as [Spelling['group'], Options][]) {
    for (const [key, spec] of Object.entries(options)) {
      const names = group === 'model' ? fieldSpellings(key) : [kebab(key)];
      const long = [...names, ...(spec.aliases ?? [])].filter((name) => !taken.has(name));
      if (long.length === 0) continue;
      const short = spec.short === undefined || taken.has(spec.short) ? undefined : spec.short;
      for (const name of [...long, short ?? '']) taken.add(name);
      spellings.push({ key, long, short, spec, group });
    }
  }
  return spellings;
}

/** How messages name an option: `-v/--verbosity`. */
export const nameOf = ({ short, long }: Spelling) =>
  [...(short === undefined ? [] : [`-${short}`]), ...long.map((name) => `--${name}`)].join('/');

/** What other tools call options, and those here. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
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

/** What there is in place of options of Django's that no command has here. */
const absentOptions: Readonly<Record<string, string>> = {
  empty: 'Write the migration by hand, with `defineMigration`.',
  'run-syncdb': 'All apps have migrations here: `manage makemigrations` writes the first ones.',
};

export const insteadOf = (word: string): string | undefined =>
  Object.hasOwn(absentOptions, word) ? absentOptions[word] : undefined;

/** The option that somebody may mean who wrote `word`, of those that the command has: by what other tools call it. */
export function optionMeant(word: string, known: readonly string[]): string | undefined {
  const meant = Object.hasOwn(otherNames, word) ? otherNames[word] : undefined;
  return meant?.find((name) => known.includes(name.split(' ')[0] ?? ''));
}
