import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { auditPasswords } from '../auth/passwords/audit.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { assertAllowed, confirmDestruction, destructive, placeOf } from './shared/destructive.js';
import { formatOption, onePage, writeListing } from './shared/listing.js';
import { database } from './shared/options.js';

const words = {
  current: 'as new ones are made',
  outdated: 'older cost',
  other: 'other hasher of the settings',
  unverifiable: 'NOT VERIFIED',
  unusable: 'unusable',
  empty: 'EMPTY',
  unknown: 'NO KNOWN FORMAT',
  broken: 'BROKEN',
  too_long: 'LONGER THAN THE COLUMN',
} as const;

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
      'Keep old hashes from being found out. It can be ended and goes on.',
    ],
  ],
  async run(context, args) {
    const { terminal, settings, signal } = context;
    if (args.targetDjango !== undefined && !/^\d+\.\d+$/.test(args.targetDjango)) {
      throw new UsageError(`argument --target-django: '${args.targetDjango}' is no version such as 5.1`);
    }
    const connection = await context.connect(args.database, { writes: args.wrap && !args.dryRun });
    const progress = terminal.progress('Reading passwords');
    const audit = await auditPasswords(connection, {
      hashers: settings.passwordHashers,
      targetDjango: args.targetDjango,
      signal,
      onProgress: (count) => progress.update(count),
    }).finally(() => progress.stop());
    const old = audit.groups
      .filter(({ algorithm }) => algorithm !== null && /^(?:unsalted_)?(?:md5|sha1)$/.test(algorithm))
      .reduce((sum, { accounts }) => sum + accounts, 0);
    const { result, count } = await writeListing(terminal, args.format, {
      key: 'groups',
      more: { accounts: audit.accounts, cannotLogIn: audit.cannotLogIn, targetDjango: args.targetDjango ?? null },
      pages: onePage(audit.groups),
      columns: [
        { heading: 'state', flexible: true, cell: ({ kind }) => words[kind] },
        { heading: 'algorithm', cell: ({ algorithm }) => algorithm },
        { heading: 'cost', cell: ({ cost }) => cost },
        { heading: 'accounts', cell: ({ accounts }) => accounts },
        { heading: 'active', cell: ({ active }) => active },
        { heading: 'staff', cell: ({ staff }) => staff },
        { heading: 'superusers', cell: ({ superusers }) => superusers },
        { heading: 'never logged in', cell: ({ neverLoggedIn }) => neverLoggedIn },
      ],
    });
    if (count !== undefined) {
      const where = args.targetDjango === undefined ? 'with these settings' : `with Django ${args.targetDjango}`;
      terminal.note(
        `${counted(audit.accounts, 'account')}; ${audit.cannotLogIn} active ${audit.cannotLogIn === 1 ? 'one' : 'ones'} cannot log in ${where}.`,
      );
    }
    const exitCode = args.max !== undefined && audit.cannotLogIn > args.max ? 1 : 0;
    if (!args.wrap) return result === undefined ? { exitCode } : { ...result, exitCode };
    const document = { ...audit, wrapped: 0, dryRun: args.dryRun };
    if (args.dryRun) {
      terminal.say(`This would wrap ${counted(old, 'hash', 'hashes')} and log those users out.`);
      return { json: document };
    }
    assertAllowed(connection, args.allowProtected);
    if (old > 0 && !args.noInput && terminal.interactive) {
      const lines = [
        `This will wrap ${counted(old, 'hash', 'hashes')} in ${placeOf(connection)}, and END THE SESSIONS of those users.`,
      ];
      if (!(await confirmDestruction(terminal, { noInput: false, cancelled: 'Nothing was wrapped.', lines })))
        return { json: { ...document, cancelled: true } };
    }
    const [{ wrapHashes }, { wrappedPython }] = await Promise.all([
      import('../auth/passwords/wrap.js'),
      import('../auth/passwords/hashers/wrapped.js'),
    ]);
    const wrapping = terminal.progress('Wrapping hashes');
    const wrapped = await wrapHashes(connection, { signal, onProgress: (done) => wrapping.update(done, old) }).finally(
      () => wrapping.stop(),
    );
    if (args.emitHashers !== undefined) await writeFile(resolve(context.cwd(), args.emitHashers), wrappedPython);
    terminal.say(`Wrapped ${counted(wrapped, 'hash', 'hashes')}: sessions of those users end.`);
    terminal.note(
      'A Django site needs hashers for pbkdf2_wrapped_md5 and pbkdf2_wrapped_sha1 in PASSWORD_HASHERS: --emit-hashers FILE writes them.',
    );
    return { json: { ...document, wrapped } };
  },
});
