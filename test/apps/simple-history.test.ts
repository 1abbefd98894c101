import { expect, test } from 'vitest';
import { forEachEngine } from '../helpers/databases.js';
import { useAppsSite } from './site.js';
import { spelledFor } from './tables.js';

forEachEngine((engine) => {
  const site = useAppsSite(engine);

  test('histories of rows leave in no anonymised fixture', async () => {
    await site.db.query(
      spelledFor(
        site.db,
        'CREATE TABLE auth_historicaluser (history_id integer PRIMARY KEY, id integer, password varchar(128), history_date timestamp with time zone, history_type varchar(1), history_user_id integer)',
      ),
    );
    await site.db.query(
      "INSERT INTO auth_historicaluser (history_id, id, password, history_type) VALUES (1, 1, 'secret', '~')",
    );
    const whole = await site.run(['dumpdata', '--introspect']);
    expect(whole.stdout).toContain('secret');
    const { stdout, exitCode } = await site.run(['dumpdata', '--introspect', '--anonymize']);
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('secret');
  });
});
