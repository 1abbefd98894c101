import { countForAll, replaceForAll } from '../auth/accounts/fakes.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import { defineCommand } from '../command.js';
import { CommandError } from '../errors.js';
import { findField } from '../registry/define.js';
import { counted } from '../text.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { assertAllowed, confirmDestruction, destructive, placeOf } from './shared/destructive.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Replace all e-mail addresses with fake ones, for a copy of a site that must not send mail.',
  options: {
    ...database,
    email: {
      type: 'string',
      default: '%(username)s@example.com',
      placeholder: 'TEXT',
      describe: '%(username)s and %(id)s stand for the name and the key.',
    },
    noStaff: { type: 'boolean', aliases: ['no-admin'], describe: 'Keep the addresses of staff and superusers.' },
    ...actorOptions,
    ...destructive,
  },
  async run(context, args) {
    const { terminal, signal } = context;
    const connection = await context.connect(args.database, { writes: !args.dryRun });
    const { model, auth } = userModelOf(connection.registry);
    const field = auth.emailField === undefined ? undefined : findField(model, auth.emailField);
    if (field === undefined) throw new CommandError('The user model has no e-mail address.', { code: 'no_such_field' });
    if (field.unique && !/%\((?:username|id)\)s/.test(args.email)) {
      throw new CommandError('Addresses must differ here: write %(username)s or %(id)s in the text.', {
        code: 'not_unique',
      });
    }
    const filter = { exceptStaff: args.noStaff, exceptSuperusers: args.noStaff };
    const count = await countForAll(connection, filter);
    const addresses = `the e-mail addresses of ${counted(count, 'user')} in ${placeOf(connection)}.`;
    if (args.dryRun) {
      terminal.say(`This would replace ${addresses}`);
      return { json: { dryRun: true, changed: count } };
    }
    assertAllowed(connection, args.allowProtected);
    const audit = await auditOf(context, connection, 'set_fake_emails', args);
    const lines = [`This will REPLACE ${addresses}`];
    if (!(await confirmDestruction(terminal, { noInput: args.noInput, cancelled: 'Nothing was changed.', lines }))) {
      return { json: { dryRun: false, changed: 0, cancelled: true } };
    }
    const local = (text: string) => text.replaceAll(/[^\w.+-]/g, '_');
    const changed = await replaceForAll(
      connection,
      field,
      ({ pk, username }) => args.email.replaceAll('%(username)s', local(username)).replaceAll('%(id)s', String(pk)),
      { ...filter, signal, ...audit },
    );
    terminal.say(`Changed ${counted(changed, 'address', 'addresses')}.`);
    return { json: { dryRun: false, changed } };
  },
});
