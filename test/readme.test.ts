import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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
