import { auditPasswords, type PasswordAudit } from '../../../auth/passwords/audit.js';
import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { UsageError } from '../../../errors.js';

/** What the hashes are judged by, and what becomes of old ones. */
export const auditOptions = {
  targetDjango: {
    type: 'string',
    placeholder: 'VERSION',
    describe: 'Judge by what stock Django of this version verifies, such as 5.1, and not by the settings.',
  },
  max: {
    type: 'integer',
    min: 0,
    placeholder: 'N',
    describe: 'Exit with 1 if more active accounts than this cannot log in.',
  },
  wrap: {
    type: 'boolean',
    describe:
      "Wrap MD5 and SHA1 hashes in PBKDF2, as Django's documentation describes. This ends the sessions of those users.",
  },
  emitHashers: {
    type: 'string',
    placeholder: 'FILE',
    describe: 'With --wrap: write the Python hashers that a Django site then needs to this file.',
  },
} as const;

interface AuditArguments {
  readonly targetDjango: string | undefined;
  readonly wrap: boolean;
  readonly emitHashers: string | undefined;
}

/** @throws UsageError for what is no version of Django, and for a file that nothing would be written to. */
export function assertAuditable({ targetDjango, wrap, emitHashers }: AuditArguments): void {
  if (emitHashers !== undefined && !wrap) throw new UsageError('--emit-hashers is for --wrap only.');
  if (targetDjango === undefined || /^\d+\.\d+$/.test(targetDjango)) return;
  throw new UsageError(`argument --target-django: '${targetDjango}' is not a version such as 5.1`);
}

/** Reads how passwords are stored, and shows how many were read. */
export function auditVisibly(
  { terminal, settings, signal }: Context,
  connection: Connection,
  targetDjango: string | undefined,
): Promise<PasswordAudit> {
  const progress = terminal.progress('Reading passwords');
  return auditPasswords(connection, {
    hashers: settings.passwordHashers,
    targetDjango,
    signal,
    onProgress: (count) => progress.update(count),
  }).finally(() => progress.stop());
}
