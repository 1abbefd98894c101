import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...['docs', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .map((file) => join(folder, file)),
  ),
];

/** The anchor that a heading has on the usual hosts. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
const anchorsOf = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => anchorOf(text));

test('the tables of commands and options, and the pages of commands, are those of the program', () => {
  execFileSync(process.execPath, [join(root, 'scripts/docs.js'), '--check'], { stdio: 'pipe' });
});

test('the README is short', () => {
  expect(statSync(join(root, 'README.md')).size).toBeLessThan(12_000);
});

test('the command that is shown is the one of the example project, which the tests run', () => {
  const shown = read('docs/extending.md').match(/```ts\n(import \{ defineCommand[\s\S]*?)```/)?.[1];
  expect(shown).toBe(read('examples/members/commands/countmembers.ts'));
});

test('every link leads somewhere', () => {
  const links = pages.flatMap((page) =>
    [
      ...read(page)
        .replace(/```[\s\S]*?```/g, '')
        .matchAll(/\]\((?!https?:|mailto:)([^)]+)\)/g),
    ].map(([, link = '']) => ({ page, link })),
  );
  expect(links.length).toBeGreaterThan(20);
  const broken = links.filter(({ page, link }) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? join(root, page) : resolve(root, dirname(page), path);
    return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
  });
  expect(broken).toEqual([]);
});

test('the table of JSON documents has every command that writes one', async () => {
  const rows = read('docs/scripts.md').matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm);
  const named = new Set([...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name)));
  const names = readdirSync(join(root, 'src/commands'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace('.ts', ''));
  expect(names.length).toBeGreaterThan(30);
  for (const name of names) {
    const { default: command } = await import(`../src/commands/${name}.ts`);
    expect({ name, named: named.has(name) }).toEqual({ name, named: command.json !== false });
  }
});

test('the tables of findings have every identifier, and no two checks share one', () => {
  const sources = ['checks', 'doctor'].flatMap((folder) =>
    readdirSync(join(root, 'src/schema', folder), { encoding: 'utf8' }).map((name) => `src/schema/${folder}/${name}`),
  );
  const homes = sources.flatMap((file) =>
    [...new Set([...read(file).matchAll(/'([EWI]0\d\d)'/g)].map(([, id = '']) => id))].map((id) => ({ id, file })),
  );
  expect(homes.length).toBeGreaterThan(60);
  const shared = homes.filter(({ id }, at) => homes.findIndex((each) => each.id === id) !== at);
  expect(shared).toEqual([]);
  const table = read('docs/migrations.md').replaceAll(/([EWI])0(\d\d)–\1?0(\d\d)/g, (_, letter, first, last) =>
    Array.from({ length: last - first + 1 }, (_, at) => `${letter}0${`${Number(first) + at}`.padStart(2, '0')}`).join(
      ' ',
    ),
  );
  expect(homes.filter(({ id }) => !table.includes(id))).toEqual([]);
});

test('all code in TypeScript compiles against the built package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manage-docs-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  try {
    // The blocks of the library go on from each other: test/package.test.ts runs them as one program.
    const blocks = pages
      .filter((page) => page !== 'docs/library.md' && page !== 'CHANGELOG.md')
      .flatMap((page) => [...read(page).matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = '']) => ({ page, code })));
    expect(blocks.length).toBeGreaterThan(5);
    const files = blocks.map(({ page, code }, index) => {
      const name = `${page.replaceAll('/', '-').replace('.md', '')}-${index}.ts`;
      write(name, `${code}export {};\n`);
      return name;
    });
    write('package.json', '{ "type": "module" }');
    const declared = (name: string) => [join(root, `dist/src/${name}.d.ts`)];
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2023',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
      paths: {
        'manage-auth': declared('index'),
        'manage-auth/web': declared('web/index'),
        'manage-auth/web/*': declared('web/*'),
        '*': [join(root, 'node_modules/*')],
      },
    };
    write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
