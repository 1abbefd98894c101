import { expect, test } from 'vitest';
import { manage } from '../helpers/manage.js';

test('version prints the version of the package', async () => {
  const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
  expect(await manage(['version'])).toMatchObject({ exitCode: 0, stdout: `${manifest.version}\n`, stderr: '' });
  expect((await manage(['--version'])).stdout).toBe(`${manifest.version}\n`);
  expect((await manage(['version', '--json'])).json).toEqual({ version: manifest.version });
});
