import { basename } from 'node:path';
import type { PasswordAudit } from '../../../auth/passwords/audit.js';
import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { counted } from '../../../text.js';
import { auditOf } from '../actor.js';
import { assertAllowed, confirmDestruction, placeOf } from '../destructive.js';
import { assertWritable, writeOutput } from '../output-file.js';

const isPlain = (algorithm: string | null) => algorithm !== null && /^(?:unsalted_)?(?:md5|sha1)$/.test(algorithm);

const isWrapped = ({ algorithm }: PasswordAudit['groups'][number]) => algorithm?.startsWith('pbkdf2_wrapped_') === true;

interface WrapArguments {
  readonly dryRun: boolean;
  readonly noInput: boolean;
  readonly allowProtected: readonly string[];
  readonly emitHashers: string | undefined;
  readonly actor: string | undefined;
}

/** Wraps the plain MD5 and SHA1 hashes that were found, after asking, and says what a Django site needs then. */
export async function wrapPasswords(
  context: Context,
  connection: Connection,
  audit: PasswordAudit,
  args: WrapArguments,
) {
  const { terminal, signal } = context;
  const old = audit.groups.reduce((sum, { algorithm, accounts }) => sum + (isPlain(algorithm) ? accounts : 0), 0);
  const hashes = counted(old, 'hash', 'hashes');
  const document = { ...audit, wrapped: 0, dryRun: args.dryRun };
  // A run that was interrupted at its end has wrapped all, and written no file.
  if (old === 0 && !(audit.groups.some(isWrapped) && args.emitHashers !== undefined && !args.dryRun)) {
    terminal.say('There is nothing to wrap: no password is stored as plain MD5 or SHA1.');
    return { json: document };
  }
  if (args.dryRun) {
    terminal.say(`This would wrap ${hashes} and log those users out.`);
    return { json: document };
  }
  assertAllowed(connection, args.allowProtected);
  if (args.emitHashers !== undefined) await assertWritable(context, args.emitHashers);
  const log = await auditOf(context, connection, 'auditpasswords', args);
  const question = {
    noInput: old === 0 || args.noInput || !terminal.interactive,
    cancelled: 'Nothing was wrapped.',
    lines: [`This will wrap ${hashes} in ${placeOf(connection)}, and END THE SESSIONS of those users.`],
  };
  if (!(await confirmDestruction(terminal, question))) return { json: { ...document, cancelled: true } };
  const [{ wrapHashes }, { wrappedHashers, wrappedPython }] = await Promise.all([
    import('../../../auth/passwords/wrap.js'),
    import('../../../auth/passwords/hashers/wrapped.js'),
  ]);
  const progress = terminal.progress('Wrapping hashes');
  const onProgress = (done: number) => progress.update(done, old);
  const wrapped = await wrapHashes(connection, { ...log, signal, onProgress }).finally(() => progress.stop());
  if (args.emitHashers !== undefined) await writeOutput(context, args.emitHashers, wrappedPython);
  if (old === 0) terminal.say('There is nothing to wrap any more.');
  else terminal.say(`Wrapped ${counted(wrapped, 'hash', 'hashes')}: sessions of those users end.`);
  if (args.emitHashers === undefined) {
    terminal.note(
      'A Django site needs hashers for pbkdf2_wrapped_md5 and pbkdf2_wrapped_sha1 in PASSWORD_HASHERS: --emit-hashers FILE writes them.',
    );
  } else {
    const module = basename(args.emitHashers).replace(/\.py$/, '');
    terminal.note('For a Django site to verify these hashes, add to its PASSWORD_HASHERS:');
    for (const name of wrappedHashers) terminal.note(`    "${module}.${name}",`);
  }
  return { json: { ...document, wrapped } };
}
