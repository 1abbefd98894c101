import { auditPasswords } from '../auth/passwords/audit.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { passwordColumns } from './reports/password-audit.js';
import { wrapPasswords } from './shared/accounts/wrapping.js';
import { destructive } from './shared/destructive.js';
import { formatOption, onePage, writeListing } from './shared/listing.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Count accounts by how their passwords are stored, and find those that cannot log in.',
  options: {
    ...database,
    targetDjango: {
      type: 'string',
      placeholder: 'VERSION',
      describe: 'Say what stock Django of this version verifies, such as 5.1, instead of the settings.',
    },
    max: {
      type: 'integer',
      min: 0,
      placeholder: 'N',
      describe: 'End with status 1 where more active accounts than this cannot log in.',
    },
    wrap: {
      type: 'boolean',
      describe:
        "Wrap MD5 and SHA1 hashes in PBKDF2, as Django's documentation describes. This ends the sessions of those users.",
    },
    emitHashers: {
      type: 'string',
      placeholder: 'FILE',
      describe: 'With --wrap: write the Python hashers that a Django site needs then.',
    },
    ...destructive,
    ...formatOption,
  },
  examples: [
    [
      'manage auditpasswords --target-django 5.1 --max 0',
      'Before an upgrade, in a script: who could not log in after it.',
    ],
    [
      'manage auditpasswords --wrap --emit-hashers wrapped.py',
      'Protect old hashes. It can be interrupted and continued.',
    ],
  ],
  async run(context, args) {
    const { terminal, settings, signal } = context;
    if (args.targetDjango !== undefined && !/^\d+\.\d+$/.test(args.targetDjango)) {
      throw new UsageError(`argument --target-django: '${args.targetDjango}' is not a version such as 5.1`);
    }
    const connection = await context.connect(args.database, { writes: args.wrap && !args.dryRun });
    const progress = terminal.progress('Reading passwords');
    const audit = await auditPasswords(connection, {
      hashers: settings.passwordHashers,
      targetDjango: args.targetDjango,
      signal,
      onProgress: (count) => progress.update(count),
    }).finally(() => progress.stop());
    const { result, count } = await writeListing(terminal, args.format, {
      key: 'groups',
      more: { accounts: audit.accounts, cannotLogIn: audit.cannotLogIn, targetDjango: args.targetDjango ?? null },
      pages: onePage(audit.groups),
      columns: passwordColumns,
    });
    if (count !== undefined) {
      const where = args.targetDjango === undefined ? 'with these settings' : `with Django ${args.targetDjango}`;
      terminal.note(
        `${counted(audit.accounts, 'account')}; ${audit.cannotLogIn} active ${audit.cannotLogIn === 1 ? 'one' : 'ones'} cannot log in ${where}.`,
      );
    }
    const exitCode = args.max !== undefined && audit.cannotLogIn > args.max ? 1 : 0;
    if (!args.wrap) return result === undefined ? { exitCode } : { ...result, exitCode };
    return wrapPasswords(context, connection, audit, args);
  },
});
