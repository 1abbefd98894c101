/** What a new command is written as. */
export const commandSource = [
  "import { defineCommand } from 'manage-auth';",
  '',
  'export default defineCommand({',
  "  describe: 'Say what it does, in one sentence.',",
  '  options: {',
  "    name: { type: 'string', default: 'world', describe: 'Whom to greet.' },",
  '  },',
  '  async run({ terminal }, { name }) {',
  "    terminal.say('Hello, ' + name + '.');",
  '    return { json: { name } };',
  '  },',
  '});',
  '',
].join('\n');

/** The test of a new command. */
export const commandTest = (name: string) =>
  [
    "import assert from 'node:assert/strict';",
    "import { join } from 'node:path';",
    "import { test } from 'node:test';",
    "import { callCommand } from 'manage-auth';",
    '',
    "const host = { cwd: () => join(import.meta.dirname, '..') };",
    '',
    `test('${name} greets', async () => {`,
    `  assert.deepEqual(await callCommand('${name}', ['--name', 'Ada', '-v0'], host), { name: 'Ada' });`,
    '});',
    '',
  ].join('\n');
