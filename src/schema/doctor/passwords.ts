import { auditPasswords } from '../../auth/passwords/audit.js';
import { counted } from '../../text.js';
import { type Finding, finding } from '../checks/finding.js';
import type { Look } from './look.js';

/** Hashes that let nobody in, and those that are too easy to guess. */
export const passwords: Look = async (connection, { settings }) => {
  const { cannotLogIn, groups } = await auditPasswords(connection, { hashers: settings.passwordHashers });
  const findings: Finding[] = [];
  const table = connection.registry.userModel.table;
  if (cannotLogIn > 0) {
    findings.push(
      finding(
        'W077',
        table,
        `${counted(cannotLogIn, 'active account')} cannot log in: their hashes are not verified.`,
        'Set new passwords, or have them verified by the settings.',
      ),
    );
  }
  const weak = groups.filter(
    ({ algorithm }) => algorithm !== null && /^(?:unsalted_|hex_)?(?:md5|sha1)$/.test(algorithm),
  );
  const count = weak.reduce((sum, { accounts }) => sum + accounts, 0);
  if (count > 0)
    findings.push(
      finding(
        'W078',
        table,
        `${counted(count, 'password')} ${count === 1 ? 'is' : 'are'} stored as MD5 or SHA1.`,
        'Wrap them in a slow hash.',
      ),
    );
  return findings;
};
