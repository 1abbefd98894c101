// Writes the tables of commands and of common options into README.md from what the built program says about itself.
//
//   node scripts/readme.js            writes
//   node scripts/readme.js --check    writes nothing; status 1 where README.md is out of date
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = join(root, 'README.md');

function help(...args) {
  const command = [join(root, 'bin/manage.js'), 'help', ...args, '--json'];
  return JSON.parse(execFileSync(process.execPath, command, { cwd: tmpdir(), encoding: 'utf8' }));
}

const cell = (text) => text.replaceAll('|', '\\|');
const table = (head, rows) => [head, '---|---', ...rows].map((row) => `| ${row} |`).join('\n');

const { commands } = help();
const tables = [...new Set(commands.map(({ topic }) => topic))].map((topic) => {
  const rows = commands.filter((command) => command.topic === topic);
  return table(
    `${topic} | what it does`,
    rows.map(({ name, describe }) => `\`${name}\` | ${cell(describe)}`),
  );
});
const options = help('version')
  .options.filter(({ global }) => global)
  .map(({ names, describe }) => `${names.map((name) => `\`${name}\``).join(', ')} | ${cell(describe)}`);

const readme = readFileSync(file, 'utf8');
const between = (text, marker, content) => {
  const [before, after] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`];
  const start = text.indexOf(before) + before.length;
  const end = text.indexOf(after);
  if (start < before.length || end < start) throw new Error(`README.md has no place for its ${marker}.`);
  return `${text.slice(0, start)}\n${content}\n${text.slice(end)}`;
};
const written = between(
  between(readme, 'commands', tables.join('\n\n')),
  'options',
  table('option | what it does', options),
);

if (!process.argv.includes('--check')) writeFileSync(file, written);
else if (written !== readme) {
  console.error('README.md is out of date: run `npm run readme`.');
  process.exitCode = 1;
}
