import { createHash } from 'node:crypto';

/** What a token holds as `hash_password`, where it is bound to a password (djangorestframework-simplejwt 5.5 utils.py). */
export function passwordClaim(encoded: string): string {
  return createHash('md5').update(encoded).digest('hex').toUpperCase();
}
