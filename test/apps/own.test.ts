import { expect, test } from 'vitest';
import { forEachEngine } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';
import { createAppsSite, days, now, secretKey } from './site.js';

const config = `
const app = {
  label: 'badges',
  models: {
    Badge: {
      fields: {
        number: { type: 'CharField', maxLength: 20, primaryKey: true },
        user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE' },
        valid_until: { type: 'DateTimeField' },
      },
    },
  },
};
const describe = ({ valid_until: expires }, now) => ({ live: Date.parse(expires) > now, state: 'expired', expires });
const steps = ({ model }, { now }) => {
  const badge = model('Badge');
  return [{ model: badge, where: (db) => db.raw('?? < ?', [badge.table + '.valid_until', now.toISOString().slice(0, 10)]) }];
};
export default {
  apps: [
    {
      package: 'our badges',
      app,
      secrets: { Badge: ['number'] },
      kinds: [{ kind: 'badge', group: 'token', model: 'Badge', user: 'user', fields: ['valid_until'], describe }],
      prune: [{ name: 'badges', steps }],
    },
  ],
};
`;

forEachEngine((engine) => {
  test('commands know a credential that a project declares', async () => {
    const db = await createAppsSite(engine);
    const moment = { sqlite: 'datetime', postgres: 'timestamptz', mariadb: 'datetime(6)' }[engine];
    await db.query(
      `CREATE TABLE badges_badge (number varchar(20) PRIMARY KEY, user_id integer, valid_until ${moment})`,
    );
    const options = { db, env: { SECRET_KEY: secretKey }, now, cwd: temporaryFolder({ 'manage.config.mjs': config }) };
    const outputs: string[] = [];
    const run = async (line: string) => {
      const result = await manage([...line.split(' '), '--json'], options);
      outputs.push(result.stdout, result.stderr);
      expect({ line, exitCode: result.exitCode, stderr: result.stderr }).toMatchObject({ line, exitCode: 0 });
      return result.json;
    };
    let number = 0;
    const give = async (user: number, valid: number) => {
      number += 1;
      await db.add('badges_badge', { number: `secret-${number}`, user_id: user, valid_until: days(valid) });
    };
    /** Whose badges are there. */
    const left = async () =>
      (await db.query('SELECT user_id FROM badges_badge ORDER BY number')).map((row) => Number(row.user_id));

    await give(1, 3);
    await give(1, -3);
    await give(2, 3);
    const { credentials } = await run('credentials alice');
    expect(credentials.filter(({ kind }: { kind: string }) => kind === 'badge')).toMatchObject([
      { live: true, app: 'badges', table: 'badges_badge' },
      { live: false, state: 'expired' },
    ]);
    expect((await run('prune --only badges')).parts).toMatchObject([{ table: 'badges_badge', rows: 1 }]);
    expect(await left()).toEqual([1, 2]);
    expect((await run('offboard alice --no-input')).ended).toMatchObject([{ kind: 'badge', count: 1 }]);
    expect(await left()).toEqual([2]);
    await give(1, 3);
    // Both are one person: all that refers to one refers to the other then.
    await run('mergeusers bob alice --no-input');
    expect(await left()).toEqual([2, 2]);
    await run('eraseuser bob --no-input');
    expect(await left()).toEqual([]);
    await give(2, 3);
    await run('deleteuser --by pk 2 --no-input');
    expect(await left()).toEqual([]);
    expect(outputs.join('')).not.toContain('secret-');
    await db.drop();
  });
});
