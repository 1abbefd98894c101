import { CommandError, type CommandErrorOptions } from '../../errors.js';

/** The text was not signed with any of the keys, or is nothing that could have been signed: one sentence says which. */
export class BadSignature extends CommandError {
  override name = 'BadSignature';

  constructor(message: string, options: CommandErrorOptions = {}) {
    super(message, { code: 'bad_signature', ...options });
  }
}

/** The text was signed with one of the keys, and longer ago than it may have been. */
export class SignatureExpired extends BadSignature {
  override name = 'SignatureExpired';

  constructor(message: string, options: CommandErrorOptions = {}) {
    super(message, { code: 'signature_expired', ...options });
  }
}
