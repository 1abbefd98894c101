import { isIP } from 'node:net';
import { characterCount, strip } from '../python-text.js';

/** Python ignores the case of letters by folding, which makes these four letters of ASCII. */
const folded = '\u0130\u0131\u017f\u212a';
const atom = new RegExp(`^[-!#$%&'*+/=?^_\`{}|~0-9A-Za-z${folded}]+$`, 'u');
const quoted = /^"(?:[\x01-\x08\x0b\x0c\x0e-\x1f!#-[\]-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*"$/;
const label = /^(?!-)[-a-z0-9\u00a1-\uffff]{1,63}(?<!-)$/iu;
const topLevel = /^(?!-)(?:[-a-z\u00a1-\uffff]{2,63}|xn--[a-z0-9]{1,59})(?<!-)$/iu;
const literal = /^\[([a-f0-9:.]+)\]$/i;

/** Whether a text is a domain with a top level one, in any script (Django 5.2 core/validators.py, DomainNameValidator). */
export function isDomain(domain: string): boolean {
  const labels = domain.split('.');
  const last = labels.pop() ?? '';
  return labels.length > 0 && labels.every((part) => label.test(part)) && topLevel.test(last);
}

/** What nearly all addresses are like: it is found at a fraction of the cost. */
const plain = /^[-\w+]+(?:\.[-\w+]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i;

/** Whether Django takes the text for an e-mail address (Django 5.2 core/validators.py, EmailValidator). */
export function isEmail(text: string): boolean {
  if (text.length <= 320 && plain.test(text)) return true;
  const at = text.lastIndexOf('@');
  if (at === -1 || characterCount(text) > 320) return false;
  const [user, domain] = [text.slice(0, at), text.slice(at + 1)];
  if (!quoted.test(user) && !user.split('.').every((part) => atom.test(part))) return false;
  const address = literal.exec(domain)?.[1];
  return domain === 'localhost' || (address === undefined ? isDomain(domain) : isIP(address) !== 0);
}

/** Lower case for the domain, and for it alone (Django 5.2 contrib/auth/base_user.py, normalize_email). */
export function normalizeEmail(email: string): string {
  const text = strip(email);
  const at = text.lastIndexOf('@');
  if (at === -1) return email;
  const domain = text.slice(at + 1);
  const lower = domain.toLowerCase();
  return lower === domain ? text : text.slice(0, at + 1) + lower;
}
