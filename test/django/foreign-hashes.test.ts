import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { convertForeignHash } from '../../src/auth/passwords/foreign/convert.js';
import { hasherPaths, pythonHasherModule } from '../../src/auth/passwords/foreign/python.js';
import { createDatabase } from '../helpers/databases.js';
import { djangoSite } from '../helpers/django.js';

const { hashes } = JSON.parse(readFileSync(join(import.meta.dirname, '../data/vectors/foreign_hashes.json'), 'utf8'));

it('verifies every hash of the vectors with the hashers that are written for it', async () => {
  const db = await createDatabase('sqlite');
  const site = djangoSite(db);
  // biome-ignore lint/suspicious/noExplicitAny: hashes of every shape
  const pairs = hashes.map(({ stored, kind, salt, project, password }: any) => {
    const hash = project === undefined ? stored : { ...stored, project };
    const algorithm = kind ?? (salt === undefined ? undefined : 'md5');
    return [password, convertForeignHash({ hash, algorithm, salt })?.encoded];
  });
  const algorithms = new Set<string>(pairs.map(([, encoded]: [string, string]) => encoded.split('$')[0]));
  writeFileSync(join(site.folder, 'foreign.py'), pythonHasherModule(algorithms, { module: 'foreign' }));
  const wrong = await site.evaluate(`
import json
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.test.utils import override_settings
pairs = json.loads(${JSON.stringify(JSON.stringify(pairs))})
paths = json.loads(${JSON.stringify(JSON.stringify(hasherPaths(algorithms, 'foreign')))})
result = []
with override_settings(PASSWORD_HASHERS=[*dict.fromkeys([*settings.PASSWORD_HASHERS, *paths])]):
    for password, encoded in pairs:
        if not check_password(password, encoded): result.append("refused " + encoded)
        if check_password(password[:40] + "x", encoded): result.append("took another password for " + encoded)
        made = []
        check_password(password, encoded, setter=made.append)
        if not made: result.append("not upgraded " + encoded)
`);
  await db.drop();
  expect(wrong).toEqual([]);
});
