import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callCommand, listUsers, openProject } from '../../src/index.js';
import { temporaryFolder } from '../helpers/manage.js';

test('a program opens the databases of a project and uses the functions behind the commands', async () => {
  const cwd = temporaryFolder({ 'manage.config.json': '{"databases":{"default":{"url":"sqlite:///own.sqlite3"}}}' });
  const env = { DJANGO_SUPERUSER_PASSWORD: 'correct horse battery' };
  await callCommand('createsuperuser', ['--migrate', '--no-input', '--username', 'ada', '--email', '', '-v0'], {
    cwd: () => cwd,
    env,
  });

  const { connect, settings, registry } = await openProject({ cwd, env: {} });
  expect(settings.databases.default?.target).toMatchObject({ filename: join(cwd, 'own.sqlite3') });
  expect(registry.userModel.label).toBe('auth.user');
  const connection = await connect();
  const names: unknown[] = [];
  for await (const page of listUsers(connection, { superuser: true }))
    names.push(...page.map(({ username }) => username));
  await connection.close();
  expect(names).toEqual(['ada']);
});

test('a program is told what is wrong with the settings', async () => {
  await expect(openProject({ cwd: temporaryFolder({}), env: { DATABASE_URL: 'nonsense' } })).rejects.toMatchObject({
    name: 'CommandError',
    exitCode: 1,
  });
  const { connect } = await openProject({ cwd: temporaryFolder({}), env: {} });
  await expect(connect('nope')).rejects.toMatchObject({ name: 'UsageError', code: 'unknown_database' });
  await expect(connect()).rejects.toMatchObject({ code: 'missing_database' });
});
