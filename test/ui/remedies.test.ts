import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CommandError, UsageError } from '../../src/errors.js';
import { remediedFinding } from '../../src/ui/finding-remedies.js';
import { remedied } from '../../src/ui/remedies.js';

const root = join(import.meta.dirname, '../../src');
/** What programs use, too. */
const rooms = [
  'auth',
  'sessions',
  'fixtures',
  'schema',
  'rows',
  'db',
  'audit',
  'apps',
  'tokens',
  'web',
  'registry',
  'crypto',
];
const programs = /client-program|find\/(?:compression|programs)\.ts/;

/** The texts of a file: what stands in quotation marks, without comments. */
function textsOf(file: string): string[] {
  const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/ .*$/gm, '');
  return code.match(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
}

test('no text of the library names an option or a command of the command line', () => {
  const files = rooms.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
      .map((file) => join(room, file))
      .filter((file) => file.endsWith('.ts') && !programs.test(file)),
  );
  expect(files.length).toBeGreaterThan(200);
  const named = files.flatMap((file) =>
    textsOf(join(root, file))
      .filter((text) => /(?:^|[\s'"`(])--[a-z]|\bmanage [a-z]/.test(text))
      .map((text) => `${file}: ${text}`),
  );
  expect(named).toEqual([]);
});

const error = (code: string, hint?: string, cause?: unknown) => new CommandError('No.', { code, hint, cause });

test('an error that does not say what to do gets a remedy, by its code and the command', () => {
  expect(remedied(error('missing_table')).hint).toBe('Run `manage migrate` to make it.');
  expect(remedied(error('missing_table', 'Look.')).hint).toBe('Look.');
  expect(remedied(error('last_superuser'), 'deactivateuser').hint).toBe('Use --force to do it anyway.');
  expect(remedied(error('last_superuser'), 'createuser').hint).toContain('createsuperuser');
  expect(remedied(error('other')).hint).toBeUndefined();
  expect(remedied(error('toString'), 'toString').hint).toBeUndefined();
});

test('commands in a remedy name the database, where it is not the default one', () => {
  expect(remedied(error('missing_table'), 'listusers', 'staging').hint).toBe(
    'Run `manage migrate --database staging` to make it.',
  );
  expect(remedied(error('other', 'See `manage check` or `manage help migrate`.'), '', 'staging').hint).toBe(
    'See `manage check --database staging` or `manage help migrate`.',
  );
  const finding = { id: 'manage.W001', object: 'databases.staging', message: 'No.', hint: 'Apply them.' };
  expect(remediedFinding(finding).hint).toBe('Run `manage migrate --database staging` to apply them.');
});

test('others get one besides, and keep what they are', () => {
  expect(remedied(error('row_exists', 'Nothing was changed.')).hint).toBe(
    'Nothing was changed. Use --on-conflict skip to leave such rows, or update to change them.',
  );
  const usage = new UsageError('No.', { code: 'seed_failed', hint: 'Fix it.' });
  expect(remedied(usage)).toMatchObject({ name: 'UsageError', exitCode: 2, message: 'No.', code: 'seed_failed' });
  expect(remedied(error('migration_failed', 'Nothing was kept.', error('unexpected_schema'))).hint).toBe(
    'Nothing was kept. Run `manage check` to see where the database differs.',
  );
});

test('a finding gets the commands that help, by its id', () => {
  const found = { id: 'manage.W084', level: 'WARNING', object: 't', message: 'No.', hint: 'Clear them.' } as const;
  expect(remediedFinding({ ...found, about: { part: 'knox' } })).toEqual({
    ...found,
    hint: 'Run `manage prune --only knox` every day.',
  });
  expect(remediedFinding({ ...found, id: 'manage.E010', about: { pending: 'shop', model: 'shop.Item' } }).hint).toBe(
    'Run `manage migrate`: migrations of this app are not applied.',
  );
  expect(remediedFinding({ ...found, id: 'manage.E099' })).toEqual({ ...found, id: 'manage.E099' });
  expect(remediedFinding({ ...found, id: 'toString' })).toEqual({ ...found, id: 'toString' });
});
