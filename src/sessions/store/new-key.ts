import { randomInt } from 'node:crypto';

const characters = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** 32 small letters and digits (Django 5.2 contrib/sessions/backends/base.py, _get_new_session_key). */
export function newSessionKey(): string {
  return Array.from({ length: 32 }, () => characters.charAt(randomInt(characters.length))).join('');
}
