import { countForAll, replaceForAll } from '../auth/accounts/fakes.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import { makePassword } from '../auth/passwords/hashers.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { assertAllowed, confirmDestruction, destructive, placeOf } from './shared/destructive.js';
import { database, passwordSource } from './shared/options.js';
import { readPasswordSource } from './user-form/password-source.js';

export default defineCommand({
  describe:
    "Give all users one password, 'password' by default, or an unusable one, for a copy of a site to work with.",
  options: {
    ...database,
    ...passwordSource,
    unusable: { type: 'boolean', aliases: ['prompt-unusable'], describe: 'Set unusable passwords.' },
    ...actorOptions,
    ...destructive,
  },
  async run(context, args) {
    const { terminal, settings, signal } = context;
    if (args.unusable && (args.passwordStdin || args.passwordFile !== undefined)) {
      throw new UsageError('--unusable is given, and a password too.', { hint: 'Give one of them.' });
    }
    const given = await readPasswordSource(context, args);
    const connection = await context.connect(args.database, { writes: !args.dryRun });
    const place = placeOf(connection);
    const count = await countForAll(connection);
    const passwords = `the passwords of ${counted(count, 'user')} in ${place}.`;
    if (args.dryRun) {
      terminal.say(`This would replace ${passwords}`);
      return { json: { dryRun: true, changed: count } };
    }
    assertAllowed(connection, args.allowProtected);
    const audit = await auditOf(context, connection, 'set_fake_passwords', args);
    const noInput = args.noInput || given !== undefined;
    const lines = [`This will REPLACE ${passwords}`];
    if (!(await confirmDestruction(terminal, { noInput, cancelled: 'Nothing was changed.', lines }))) {
      return { json: { dryRun: false, changed: 0, cancelled: true } };
    }
    const encoded = await makePassword(args.unusable ? null : (given ?? 'password'), {
      hasher: settings.passwordHashers[0],
    });
    const { password } = userModelOf(connection.registry);
    const changed = await replaceForAll(connection, password, () => encoded, { signal, ...audit });
    terminal.say(`Changed ${counted(changed, 'password')}: all sessions end.`);
    return { json: { dryRun: false, changed } };
  },
});
