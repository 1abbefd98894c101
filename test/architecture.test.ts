import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

interface Import {
  /** Path from the root of the repository, or the name of a package. */
  readonly to: string;
  readonly kind: 'value' | 'type' | 'dynamic';
}
interface Source {
  readonly file: string;
  readonly layer: string;
  /** Without comments. */
  readonly text: string;
  readonly imports: readonly Import[];
}

/** The table of engines, with what it says of each without loading its driver. */
const ofEngines = /^src\/db\/engines\/([^/]+|[^/]+\/(engine|url)\.ts)$/;

/** `src/db/read/scan.ts` is of the layer `db`, `src/text.ts` one of its own. */
const layerOf = (file: string) =>
  ofEngines.test(file) ? 'engines' : (/^src\/([^/.]+)/.exec(file)?.[1] ?? file.split('/')[0] ?? file);

function importsOf(file: string, text: string): Import[] {
  const pattern =
    /^(?:import|export)\s+(type\s)?[^;'"]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)(\.\w)?/gm;
  return [...text.matchAll(pattern)].map(([, type, from, effect, dynamic, member]) => {
    const name = from ?? effect ?? dynamic ?? '';
    const to = name.startsWith('.')
      ? relative(root, resolve(root, dirname(file), name))
          .replace(/^dist\//, '')
          .replace(/\.js$/, '.ts')
      : name;
    // `import('x').Y` without `await` before it is a type.
    return { to, kind: type || (dynamic && member) ? 'type' : dynamic ? 'dynamic' : 'value' };
  });
}

function read(file: string): Source {
  const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|\s\/\/ .*$/gm, '');
  return { file, layer: layerOf(file), text, imports: importsOf(file, text) };
}

const sources = ['bin', 'src', 'migrations', 'seeds']
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  .filter((file) => /(?<!\.d)\.(ts|js)$/.test(file))
  .map(read);
/** Folders beside the commands hold what several of them use. */
const isCommand = (file: string) => /^src\/commands\/[^/]+$/.test(file);
const byFile = new Map(sources.map((source) => [source.file, source]));

/** What everything may use. */
const base = ['errors', 'text', 'remembered', 'modules'];
const accounts = ['audit', 'auth', 'sessions'];
const work = [...accounts, 'tokens', 'apps', 'fixtures', 'schema', 'rows'];
/** What each layer may import; types of `command` and `settings` besides. */
const below: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  text: [],
  remembered: [],
  modules: ['text'],
  command: [],
  crypto: base,
  registry: base,
  engines: base,
  settings: [...base, 'registry', 'engines'],
  db: [...base, 'registry', 'migrations', 'engines'],
  audit: [...base, 'registry', 'db'],
  auth: [...base, 'registry', 'crypto', 'db', 'audit'],
  sessions: [...base, 'registry', 'crypto', 'db', 'auth'],
  tokens: [...base, 'registry', 'crypto', 'db', ...accounts],
  apps: [...base, 'registry', 'crypto', 'db', ...accounts, 'tokens'],
  fixtures: [...base, 'registry', 'crypto', 'db', ...accounts],
  rows: [...base, 'registry', 'crypto', 'db', ...accounts, 'fixtures'],
  schema: [...base, 'registry', 'crypto', 'db', ...accounts, 'tokens', 'apps', 'fixtures', 'rows'],
  ui: base,
  commands: [...base, 'registry', 'crypto', 'db', ...work, 'settings', 'ui', 'command'],
  // Opens a project, as commands have it opened for them.
  web: [...base, 'registry', 'crypto', 'db', ...work, 'tokens', 'settings', 'app'],
  cli: [...base, 'registry'],
  app: [...base, 'registry', 'settings', 'db', 'apps', 'cli', 'ui', 'command'],
  index: ['errors', 'settings', 'registry', 'crypto', 'db', ...work, 'command', 'app'],
  bin: ['app'],
  migrations: ['db'],
  seeds: ['errors', 'registry', 'db', 'sessions', 'rows'],
};
const everybodysTypes = ['command', 'settings', 'registry', 'db', 'apps'];

test('every module is in a layer', () => {
  expect(sources.length).toBeGreaterThan(50);
  expect([...new Set(sources.map(({ layer }) => layer))].filter((layer) => below[layer] === undefined)).toEqual([]);
});

test('imports go one way', () => {
  const wrong = sources.flatMap(({ file, layer, imports }) =>
    imports
      .filter(({ to }) => byFile.has(to))
      .filter(({ to, kind }) => {
        const target = layerOf(to);
        if (target === layer || below[layer]?.includes(target)) return false;
        // What needs an engine's driver is loaded when it is opened.
        if (layer === 'engines' && target === 'db' && kind === 'dynamic') return false;
        return !(kind === 'type' && everybodysTypes.includes(target));
      })
      .map(({ to, kind }) => `${file} -> ${to} (${kind})`),
  );
  expect(wrong).toEqual([]);
});

test('every import of a file finds it', () => {
  const missing = sources.flatMap(({ file, imports }) =>
    imports
      .filter(({ to }) => /^(src|migrations|seeds)\//.test(to) && !byFile.has(to))
      .map(({ to }) => `${file} -> ${to}`),
  );
  expect(missing).toEqual([]);
});

test('modules do not import each other in circles, not for types either', () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const { to } of byFile.get(file)?.imports ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const { file } of sources) visit(file, []);
  expect(circles).toEqual([]);
});

test('no command imports another', () => {
  const wrong = sources.flatMap(({ file, imports }) =>
    imports.filter(({ to }) => isCommand(to)).map(({ to }) => `${file} -> ${to}`),
  );
  expect(wrong).toEqual([]);
});

describe('packages have one home each', () => {
  test.each([
    [/^(knex|sqlite3|pg|node:sqlite|better-sqlite3)(\/|$)/, ['db']],
    [/^yargs/, ['cli']],
    [/^(ora|node:readline)/, ['ui']],
    [/^jiti/, ['modules']],
    [/^(bcryptjs|@node-rs\/argon2)$/, ['auth']],
    [/^@faker-js/, ['rows', 'fixtures', 'seeds']],
  ])('%s', (name, layers) => {
    const homes = sources.flatMap(({ file, layer, imports }) =>
      imports.some(({ to, kind }) => name.test(to) && kind !== 'type') && !layers.includes(layer) ? [file] : [],
    );
    expect(homes).toEqual([]);
  });
});

/** Everything that is loaded along with `file`. */
function loadedWith(file: string): string[] {
  const loaded = new Set<string>();
  const visit = (name: string) => {
    if (loaded.has(name)) return;
    loaded.add(name);
    for (const { to, kind } of byFile.get(name)?.imports ?? []) if (kind === 'value') visit(to);
  };
  visit(file);
  return [...loaded];
}
const packagesIn = (files: readonly string[]) => files.filter((name) => !byFile.has(name) && !name.startsWith('node:'));

test('what every start loads is small, and needs no package', () => {
  const loaded = loadedWith('src/app/main.ts');
  expect(packagesIn(loaded)).toEqual([]);
  const own = loaded.filter((name) => byFile.has(name));
  expect(own.length, own.join(' ')).toBeLessThanOrEqual(27);
  expect(own.filter((file) => /^src\/(db|auth|sessions|fixtures|schema|rows|registry|commands)\//.test(file))).toEqual(
    [],
  );
});

test('the public API loads no package until it is used', () => {
  expect(packagesIn(loadedWith('src/index.ts'))).toEqual([]);
});

test.each(sources.filter(({ file }) => isCommand(file)).map(({ file }) => file))(
  '%s loads no package until it runs',
  (file) => {
    expect(packagesIn(loadedWith(file))).toEqual([]);
  },
);

describe('an engine is named once', () => {
  const naming = (pattern: RegExp, homes: readonly string[]) =>
    sources
      .filter(({ file }) => !homes.some((home) => file.startsWith(home)))
      .flatMap(({ file, text }) => [...text.matchAll(pattern)].map(([name]) => `${file}: ${name}`));

  test('its name stands in its own folder and in the table', () => {
    expect(naming(/(['"`])(sqlite|postgres(?:ql)?|mariadb|mysql)\1/g, ['src/db/engines/'])).toEqual([]);
  });

  test('its driver stands in db and in the settings', () => {
    expect(naming(/(['"`])(sqlite3|pg|mysql2)\1/g, ['src/db/', 'src/settings/'])).toEqual([]);
  });

  test('its folder is loaded by the table alone', () => {
    const wrong = sources.flatMap(({ file, imports }) =>
      imports
        .map(({ to }) => ({ to, folder: /^src\/db\/engines\/[^/]+\//.exec(to)?.[0] }))
        .filter(({ folder }) => folder !== undefined && !file.startsWith(folder))
        .filter(({ to }) => file !== 'src/db/engines/engines.ts' || layerOf(to) !== 'engines')
        .map(({ to }) => `${file} -> ${to}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** The first arguments of calls that take SQL as text. */
function rawSqlOf(text: string): string[] {
  return [...text.matchAll(/\.(?:raw|\w*(?:[wW]here|select|having|orderBy|groupBy|join|from)Raw)\(/g)].flatMap(
    ({ index, 0: call }) => {
      const start = index + call.length;
      let [end, depth] = [start, 0];
      for (; end < text.length; end++) {
        const sign = text.charAt(end);
        if ('([{'.includes(sign)) depth++;
        else if (')]}'.includes(sign) && --depth < 0) break;
        else if (sign === ',' && depth === 0) break;
      }
      const argument = text.slice(start, end).trim();
      // An operator is what functions of db are given, too.
      return /['"`]/.test(argument.replace(/'[<>=]+'/g, '')) ? [argument] : [];
    },
  );
}

/** Texts that are, or become, a piece of a statement. */
const sqlText =
  /\bSELECT (?:1\b|DISTINCT\b|COUNT\(|.*\bFROM\b)|\bINSERT INTO\b|\bDELETE FROM\b|\bUPDATE \S+ SET\b|\b(?:NOT )?EXISTS \(|\bIN \(|\bIS (?:NOT )?NULL\b|\bORDER BY\b|\?\? (?:[=<>]|IS|IN|AS|NOT|LIKE|BETWEEN)/;
const textsOf = (text: string) => text.match(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
const sqlIn = (text: string) => [...rawSqlOf(text), ...textsOf(text).filter((each) => sqlText.test(each))];

test('SQL is found in whichever way it is written', () => {
  for (const planted of [
    "db.raw('SELECT 1')",
    "query.whereRaw('1 = 0')",
    'query.orWhereRaw(only ? `active = 1` : where)',
    "db.raw(sqlAsIs(where ?? '1 = 1'))",
    'query.joinRaw(`LEFT JOIN users`)',
    'const sql = `?? IN (SELECT ?? FROM ??)`;',
    "const sql = 'DELETE FROM ' + table;",
  ]) {
    expect(sqlIn(planted), planted).not.toEqual([]);
  }
  expect(sqlIn("query.whereRaw(startsWith(db, column, text)).where('id', 'in', keys)")).toEqual([]);
});

test('SQL stands in db', () => {
  // The examples of dbshell are what a person passes to the client.
  const homes = ['db', 'engines', 'migrations'];
  const found = sources
    .filter(({ file, layer }) => !homes.includes(layer) && file !== 'src/commands/dbshell.ts')
    .flatMap(({ file, text }) => sqlIn(text).map((sql) => `${file}: ${sql}`));
  expect(found).toEqual([]);
});

test('nothing ends the process', () => {
  expect(
    sources.filter(({ text }) => /process\s*\.\s*(exit|abort|reallyExit)\s*\(/.test(text)).map(({ file }) => file),
  ).toEqual([]);
});

/** Lines that a function may have without a comment that says `It is long because …`. */
const longestFunction = 60;
/** Lines that a command may have, most of which are its options and examples. */
const longestCommand = 60;

interface FoundFunction {
  readonly name: string;
  readonly lines: number;
  /** What stands above it. */
  readonly comments: string;
}

/** The functions of a file. The formatter puts the bracket that closes one as far in as the line that begins it. */
function functionsOf(text: string): FoundFunction[] {
  const lines = text.split('\n');
  return lines.flatMap((line, first): FoundFunction[] => {
    const [, indent = '', declared, assigned, method] =
      /^(\s*)(?:export )?(?:default )?(?:async )?(?:function\*? ?(\w*)\b|const (\w+)\b[^=]* = (?:async )?\(|(?!if|for|while|switch|catch|return)(?:async )?\*?(\w+)\()/.exec(
        line,
      ) ?? [];
    const name = declared ?? assigned ?? method;
    // A call has its arguments in brackets of their own.
    if (name === undefined || (method !== undefined && line.endsWith('({'))) return [];
    const endOf = (from: number) =>
      lines.findIndex((each, at) => at > from && /^[)}]/.test(each.slice(indent.length)) && each.startsWith(indent));
    const open = /[^(]\{$/.test(line) ? first : /\(\{?$/.test(line) ? endOf(first) : -1;
    if (open < 0 || !lines[open]?.endsWith('{')) return [];
    let above = first;
    while (/^\s*(\/\*\*|\*|\/\/)/.test(lines[above - 1] ?? '')) above--;
    return [{ name, lines: endOf(open) - first + 1, comments: lines.slice(above, first).join(' ') }];
  });
}

const isLong = ({ lines, comments }: FoundFunction) => lines > longestFunction && !comments.includes('long because');

test('functions are short, or say why they are not', () => {
  const found = sources.flatMap(({ file }) =>
    functionsOf(readFileSync(join(root, file), 'utf8')).map((each) => ({ ...each, file })),
  );
  expect(found.length).toBeGreaterThan(1000);
  expect(found.filter(isLong).map(({ file, name, lines }) => `${file}: ${name} has ${lines} lines`)).toEqual([]);
});

test('commands are short', () => {
  const long = sources
    .filter(({ file }) => isCommand(file))
    .map(({ file }) => ({ file, lines: readFileSync(join(root, file), 'utf8').trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > longestCommand);
  expect(long).toEqual([]);
});
