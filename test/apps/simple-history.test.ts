import { afterEach, beforeEach, expect, test } from 'vitest';
import { forEachEngine } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { type AppsSite, createAppsSite, now, secretKey } from './site.js';
import { spelledFor } from './tables.js';

const env = { SECRET_KEY: secretKey };

forEachEngine((engine) => {
  let db: AppsSite;
  const run = (args: readonly string[]) => manage(args, { db, env, now });
  beforeEach(async () => {
    db = await createAppsSite(engine);
  });
  afterEach(() => db.drop());

  test('histories of rows leave in no anonymised fixture', async () => {
    await db.query(
      spelledFor(
        db,
        'CREATE TABLE auth_historicaluser (history_id integer PRIMARY KEY, id integer, password varchar(128), history_date timestamp with time zone, history_type varchar(1), history_user_id integer)',
      ),
    );
    await db.query(
      "INSERT INTO auth_historicaluser (history_id, id, password, history_type) VALUES (1, 1, 'secret', '~')",
    );
    const whole = await run(['dumpdata', '--introspect']);
    expect(whole.stdout).toContain('secret');
    const { stdout, exitCode } = await run(['dumpdata', '--introspect', '--anonymize']);
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('secret');
  });
});
