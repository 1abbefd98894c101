import { defineCommand } from '../command.js';
import { writeAudit } from './reports/password-audit.js';
import { assertAuditable, auditOptions, auditVisibly } from './shared/accounts/auditing.js';
import { wrapPasswords } from './shared/accounts/wrapping.js';
import { actorOptions } from './shared/actor.js';
import { destructive } from './shared/destructive.js';
import { formatOption } from './shared/listing.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Count accounts by how their passwords are stored, and find those that cannot log in.',
  options: {
    ...database,
    ...auditOptions,
    ...actorOptions,
    ...destructive,
    ...formatOption,
  },
  examples: [
    [
      'manage auditpasswords --target-django 5.1 --max 0',
      'Before an upgrade, in a script: fail if anybody could not log in after it.',
    ],
    ['manage auditpasswords --wrap --emit-hashers wrapped.py', 'Protect old hashes; can be interrupted and resumed.'],
  ],
  async run(context, args) {
    assertAuditable(args);
    const connection = await context.connect(args.database, { writes: args.wrap && !args.dryRun });
    const audit = await auditVisibly(context, connection, args.targetDjango);
    const result = await writeAudit(context.terminal, args.format, audit, args.targetDjango);
    const exitCode = args.max !== undefined && audit.cannotLogIn > args.max ? 1 : 0;
    if (!args.wrap) return result === undefined ? { exitCode } : { ...result, exitCode };
    return wrapPasswords(context, connection, audit, args);
  },
});
