// Writes what the built program says about itself into the documentation: the tables of README.md, and one page for each
// command in docs/commands.
//
//   node scripts/docs.js            writes
//   node scripts/docs.js --check    writes nothing; status 1 where a page is out of date
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { callCommand } from '../dist/src/index.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'docs/commands');
const read = (file) => readFileSync(join(root, file), 'utf8');
/** What `manage help … --json` prints, outside of any project. */
const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
const help = (...args) => callCommand('help', args, { cwd: () => tmpdir(), env: {}, stdout: nowhere });

const cell = (text) => text.replaceAll('|', '\\|');
const table = (head, rows) => [head, '---|---', ...rows].map((row) => `| ${row} |`).join('\n');
const code = (names) => names.map((name) => `\`${name}\``).join(', ');

function between(text, marker, content) {
  const [before, after] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`];
  const start = text.indexOf(before) + before.length;
  const end = text.indexOf(after);
  if (start < before.length || end < start) throw new Error(`README.md has no place for its ${marker}.`);
  return `${text.slice(0, start)}\n${content}\n${text.slice(end)}`;
}

/** The JSON keys of each command, as the table in docs/scripts.md has them. */
function readJsonKeys() {
  const rows = read('docs/scripts.md').matchAll(/^\| ((?:`\w+`(?:, )?)+) \| (.*) \|$/gm);
  return new Map(
    [...rows].flatMap(([, names, keys]) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => [name, keys])),
  );
}

function explain({ type, describe, choices, default: value }) {
  const parts = [describe];
  if (type === 'list') parts.push('May be given several times.');
  if (choices?.length && choices[0] !== 'default') parts.push(`One of: ${code(choices.map(String))}.`);
  if (value !== null) parts.push(`Default: \`${value}\`.`);
  return cell(parts.join(' '));
}

const placeholder = ({ name, required, variadic }) => {
  const word = variadic ? `${name}...` : name;
  return required ? word : `[${word}]`;
};

function page({ name, describe, arguments: positionals, options, examples }, keys) {
  const own = options.filter(({ global }) => !global);
  return [
    `# ${name}`,
    describe,
    `\`\`\`text\n${['manage', name, ...positionals.map(placeholder), '[options]'].join(' ')}\n\`\`\``,
    positionals.length > 0 &&
      table(
        'argument | what it is',
        positionals.map(
          ({ name: word, describe: what, choices }) =>
            `\`${word}\` | ${cell(what)}${choices ? ` One of: ${code(choices)}.` : ''}`,
        ),
      ),
    own.length > 0 &&
      table(
        'option | what it does',
        own.map((option) => `${code(option.names)} | ${explain(option)}`),
      ),
    'The [options of every command](../../README.md#commands) come before or after its name, and ' +
      '[exit codes](../scripts.md) are the same for all.',
    examples.length > 0 &&
      `## Examples\n\n${examples.map(({ line, what }) => `\`\`\`sh\n${line}\n\`\`\`\n\n${what}`).join('\n\n')}`,
    keys !== undefined && `## JSON\n\nKeys of the \`--json\` document: ${keys}`,
  ]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n');
}

const { commands } = await help();
const jsonKeys = readJsonKeys();
const pages = new Map();
let globals = [];
for (const { name } of commands) {
  const usage = await help(name);
  globals = usage.options.filter(({ global }) => global);
  pages.set(join('docs/commands', `${name}.md`), page(usage, jsonKeys.get(name)));
}
const topics = [...new Set(commands.map(({ topic }) => topic))].map((topic) => ({
  topic,
  members: commands.filter((command) => command.topic === topic),
}));
const overview = topics.map(
  ({ topic, members }) =>
    `${topic} | ${members.map(({ name }) => `[\`${name}\`](docs/commands/${name}.md)`).join(', ')}`,
);
const index = topics.map(({ topic, members }) =>
  table(
    `${topic} | what it does`,
    members.map(({ name, describe }) => `[\`${name}\`](${name}.md) | ${cell(describe)}`),
  ),
);
pages.set('docs/commands/README.md', `${['# Commands', ...index].join('\n\n')}\n`);
const options = globals.map(({ names, describe }) => `${code(names)} | ${cell(describe)}`);
const readme = between(read('README.md'), 'commands', table('area | commands', overview));
pages.set('README.md', between(readme, 'options', table('option | what it does', options)));

mkdirSync(folder, { recursive: true });
const superfluous = readdirSync(folder).filter((file) => !pages.has(join('docs/commands', file)));
const current = (file) => {
  try {
    return read(file);
  } catch {
    return undefined;
  }
};
const outdated = [...pages].filter(([file, text]) => current(file) !== text).map(([file]) => file);
if (!process.argv.includes('--check')) {
  for (const file of outdated) writeFileSync(join(root, file), pages.get(file));
  for (const file of superfluous) rmSync(join(folder, file));
} else if (outdated.length + superfluous.length > 0) {
  console.error(`Out of date: ${[...outdated, ...superfluous].join(', ')}. Run \`npm run docs\`.`);
  process.exitCode = 1;
}
