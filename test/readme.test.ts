import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

test('the tables of commands and options are those of the program', () => {
  execFileSync(process.execPath, [join(root, 'scripts/readme.js'), '--check'], { stdio: 'pipe' });
});

test('the command that it shows is the one of the example project, which the tests run', () => {
  const shown = readme.match(/```ts\n(import \{ defineCommand[\s\S]*?)```/)?.[1];
  expect(shown).toBe(readFileSync(join(root, 'examples/members/commands/countmembers.ts'), 'utf8'));
});

test('the files that it links to are there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link]) => link ?? '');
  expect(links.length).toBeGreaterThan(2);
  for (const link of links) expect(() => readFileSync(join(root, link)), link).not.toThrow(/ENOENT/);
});

test('the table of JSON documents has every command that writes one', async () => {
  const table = readme.slice(readme.indexOf('What the JSON documents hold')).split('\n\n')[1] ?? '';
  const firstCells = table.split('\n').map((row) => row.split(' | ')[0] ?? '');
  const named = new Set(firstCells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name)));
  const folder = join(root, 'src/commands');
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace('.ts', ''));
  expect(names.length).toBeGreaterThan(30);
  for (const name of names) {
    const { default: command } = await import(`../src/commands/${name}.ts`);
    expect({ name, named: named.has(name) }).toEqual({ name, named: command.json !== false });
  }
});
