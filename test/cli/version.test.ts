import { expect, test } from 'vitest';
import { manage } from '../helpers/manage.js';

test('version prints the version of the package', async () => {
  const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
  expect(await manage(['version'])).toMatchObject({ exitCode: 0, stdout: `${manifest.version}\n`, stderr: '' });
  expect((await manage(['--version'])).stdout).toBe(`${manifest.version}\n`);
  expect((await manage(['version', '--json'])).json).toEqual({ version: manifest.version });
});

test("options of Django's that mean nothing here are named, with what there is instead", async () => {
  const noteOf = async (...args: string[]) => (await manage(['version', ...args])).stderr;
  expect(await noteOf('--skip-checks')).toBe("--skip-checks is Django's, and ignored.\n");
  expect(await noteOf('--settings=site', '--skip-checks')).toBe(
    "--settings and --skip-checks are Django's, and ignored: --config names a config file.\n",
  );
});
