import { createRequire } from 'node:module';
import { join } from 'node:path';
import { randomText } from '../../../auth/passwords/hashers/hasher.js';

/** The text of a file that stands here two columns further right, behind a line break. */
const outdented = (text: string) => text.slice(1).replace(/^ {2}/gm, '');

const config = outdented(`
  import { defineConfig } from 'manage-auth';
  import { notes } from './notes.js';

  // What is secret or differs from place to place, DATABASE_URL and SECRET_KEY, is in the environment or in .env.
  export default defineConfig({
    apps: [notes],
  });
`);

const app = outdented(`
  import { defineApp } from 'manage-auth';

  // After a change run \`manage makemigrations notes\`, read what it wrote, and run \`manage migrate\`.
  export const notes = defineApp({
    label: 'notes',
    models: {
      Note: {
        ordering: ['title'],
        fields: {
          title: { type: 'CharField', maxLength: 100, unique: true },
          body: { type: 'TextField', blank: true, default: { value: '' } },
          made: { type: 'DateTimeField', default: { computed: 'now' } },
        },
      },
    },
  });
`);

const migration = outdented(`
  import { defineMigration } from 'manage-auth';

  export default defineMigration({
    dependencies: [],

    async up(_db, { schema, operation }) {
      operation('Create model Note');
      await schema.createTable({
        name: 'notes_note',
        columns: [
          { name: 'id', type: 'BigAutoField', primaryKey: true },
          { name: 'title', type: 'CharField', maxLength: 100, unique: true },
          { name: 'body', type: 'TextField' },
          { name: 'made', type: 'DateTimeField' },
        ],
      });
    },

    async down(_db, { schema, operation }) {
      operation('Delete model Note');
      await schema.dropTable('notes_note');
    },
  });
`);

const seed = outdented(`
  import type { Executor } from 'manage-auth';

  /** Run by \`manage populate_db\`; again without harm. */
  export async function seed(knex: Executor): Promise<void> {
    await knex('notes_note')
      .insert({ title: 'Welcome', body: 'Made by a seed.', made: '2026-01-01 00:00:00' })
      .onConflict('title')
      .ignore();
  }
`);

const command = outdented(`
  import { defineCommand } from 'manage-auth';

  export default defineCommand({
    describe: 'Count the notes.',
    options: {
      database: { type: 'string', default: 'default', choices: 'databases', describe: 'The database to work on.' },
    },
    async run({ connect, terminal }, { database }) {
      const { db } = await connect(database);
      const [row] = await db('notes_note').count({ count: '*' });
      const notes = Number(row?.count ?? 0);
      terminal.say(\`Notes: \${notes}.\`);
      return { json: { notes } };
    },
  });
`);

const test = outdented(`
  import assert from 'node:assert/strict';
  import { mkdtempSync, rmSync } from 'node:fs';
  import { tmpdir } from 'node:os';
  import { join } from 'node:path';
  import { after, before, test } from 'node:test';
  import { callCommand } from 'manage-auth';

  const folder = mkdtempSync(join(tmpdir(), 'notes-'));
  const env = { ...process.env, DATABASE_URL: \`sqlite:///\${join(folder, 'db.sqlite3')}\`, SECRET_KEY: 'for the tests only' };
  const run = (name, args = []) =>
    callCommand(name, [...args, '-v0'], { env, cwd: () => join(import.meta.dirname, '..') });

  before(() => run('migrate', ['--no-input']));
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('its tables are what its models say', async () => {
    assert.deepEqual((await run('check', ['--tag', 'schema'])).findings, []);
  });

  test('the seed makes a note', async () => {
    assert.deepEqual(await run('countnotes'), { notes: 0 });
    await run('populate_db', ['--users', '2', '--no-input']);
    assert.deepEqual(await run('countnotes'), { notes: 1 });
  });
`);

/** The files of a small project by their path, in the order in which they are written; `extension` is that of its modules in JavaScript. */
export function projectFiles(extension: 'js' | 'mjs'): Map<string, string> {
  return new Map([
    ['manage.config.ts', config],
    ['notes.ts', app],
    ['migrations/notes/0001_initial.ts', migration],
    ['seeds/notes.ts', seed],
    ['commands/countnotes.ts', command],
    [`test/notes.test.${extension}`, test],
    ['.env', `DATABASE_URL=sqlite:///db.sqlite3\nSECRET_KEY=${randomText(50)}\n`],
    ['.gitignore', 'node_modules/\n.env\n*.sqlite3\n'],
  ]);
}

/** Files that a project may have already, and that are then left as they are. */
export const optionalFiles: ReadonlySet<string> = new Set(['.env', '.gitignore']);

/** What to do next in a new project's folder, as command lines: first of all to install this package, where it is not there. */
export function nextSteps(root: string): string[] {
  const steps = ['migrate', 'populate_db --users 5', 'countnotes'].map((step) => `\`npx manage ${step}\``);
  try {
    createRequire(join(root, 'package.json')).resolve('manage-auth/package.json');
    return steps;
  } catch {
    return ['`npm init -y && npm install manage-auth` (on Node 20 with sqlite3)', ...steps];
  }
}
