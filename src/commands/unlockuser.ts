import { countThrottled, findLockouts, type Lockout, unknownLockouts, unlock } from '../apps/lockouts.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { byOption, findPerson } from './shared/accounts/people.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { printPreview } from './shared/destructive.js';
import { database, dryRun } from './shared/options.js';

export default defineCommand({
  describe: 'Unlock users or addresses after failed logins.',
  positionals: { user: { describe: 'User name; compared exactly.' } },
  options: {
    ...database,
    ...byOption,
    ip: { type: 'list', placeholder: 'ADDRESS', describe: 'Unlock this address.' },
    ...dryRun,
    ...actorOptions,
  },
  examples: [
    ['manage unlockuser alice', 'Forget failed logins as alice, and others from the same addresses.'],
    ['manage unlockuser --ip 203.0.113.7', 'Unlock an office behind one address.'],
  ],
  async run(context, args) {
    const { terminal, settings } = context;
    if (args.user === undefined && args.ip.length === 0) {
      throw new UsageError('Name what to unlock.', { hint: 'Give a user name, or an address with --ip.' });
    }
    const connection = await context.connect(args.database, { writes: !args.dryRun });
    const user = args.user === undefined ? undefined : await findPerson(connection, args.user, args.by);
    const target = { user, addresses: args.ip };
    const options = { apps: settings.credentialApps };
    const unknown = await unknownLockouts(connection, settings.credentialApps);
    for (const { app, reason } of unknown)
      terminal.warn(`The app '${app}' was left alone: it may still lock out. ${reason}`);
    if (args.dryRun) {
      const lockouts = await findLockouts(connection, target, options);
      const devices = user === undefined ? 0 : await countThrottled(connection, user, options);
      await printPreview(terminal, [
        `${counted(lockouts.length, 'lockout')} would be removed.`,
        ...lockouts.map(lineOf),
        ...(devices > 0 ? [`${counted(devices, 'second factor')} could be tried again at once.`] : []),
      ]);
      return { json: { dryRun: true, removed: lockouts, devices, unknown } };
    }
    const audit = await auditOf(context, connection, 'unlockuser', { actor: args.actor });
    const { removed, devices } = await unlock(connection, target, { ...options, ...audit });
    for (const each of removed) terminal.say(`Removed${lineOf(each).trimEnd().replace(/^ {3}/, '')}.`);
    if (devices > 0) terminal.say(`${counted(devices, 'second factor')} may be tried again at once.`);
    if (removed.length + devices + unknown.length === 0) terminal.say('Nothing locked anybody out.');
    return { json: { dryRun: false, removed, devices, unknown }, ...(unknown.length > 0 ? { exitCode: 1 } : {}) };
  },
});

const lineOf = ({ username, address, failures, locked, reason }: Lockout) =>
  `    ${counted(failures, 'failed login')} as ${username ?? 'nobody'} from ${address ?? 'nowhere'}${locked ? ', which locked' : ''} (by ${reason ?? 'name'})`;
