import type { Json, JsonObject } from '../crypto/signing/json-value.js';
import { timestampOf } from '../db/values/moments.js';
import type { SessionTextCodec } from '../sessions/codec/codec.js';
import { SessionMembers } from '../sessions/codec/members.js';
import { endsWithBrowser, sessionAge, sessionExpiry } from '../sessions/store/expiry.js';
import { newSessionKey } from '../sessions/store/new-key.js';
import type { SessionWriter } from '../sessions/store/session-rows.js';
import { SessionInterrupted } from './errors.js';

/** What all sessions of a server have in common. */
export interface SessionHouse {
  readonly rows: SessionWriter & { remove(key: string): Promise<boolean> };
  readonly codec: SessionTextCodec;
  /** Seconds that a session lasts which does not say so itself. */
  readonly cookieAge: number;
  readonly expireAtBrowserClose: boolean;
  readonly timeZone: string;
  readonly now: () => Date;
}

const expiryKey = '_session_expiry';
const testCookie = 'testcookie';

/** Whether Django looks for a session of this key at all (Django 5.2 contrib/sessions/backends/base.py). */
export function isSessionKey(text: string | undefined): text is string {
  return text !== undefined && Array.from(text).length >= 8;
}

/**
 * A visitor's session, as Django's `request.session`: read when the request begins, and written before the head of the
 * response leaves, if it was changed. A change within a list or object that it holds does not count: set it again, or set
 * `modified`.
 */
export class Session {
  /** Whether it is to be stored. */
  modified = false;
  /** Told when it is looked at for the first time. */
  onAccess: (() => void) | undefined;
  #accessed = false;
  readonly #house: SessionHouse;
  #members: SessionMembers;
  /** What the cookie says, until the session is looked at or found to be gone. */
  #key: string | null;
  #state: 'stored' | 'missing' | 'new';
  /** The row whose place the new one takes. */
  #replaced: string | undefined;
  /** Rows that are to be deleted, whatever becomes of the request. */
  #flushed: string[] = [];

  constructor(house: SessionHouse, key: string | null, members: SessionMembers | undefined) {
    this.#house = house;
    this.#key = key;
    this.#members = members ?? new SessionMembers();
    this.#state = key === null ? 'new' : members === undefined ? 'missing' : 'stored';
  }

  /** Whether it was looked at, so that the response depends on the cookie. */
  get accessed(): boolean {
    return this.#accessed;
  }

  set accessed(accessed: boolean) {
    if (accessed && !this.#accessed) this.onAccess?.();
    this.#accessed = accessed;
  }

  /** Its key, or null where it has none yet: who has it is the visitor. */
  get key(): string | null {
    return this.#state === 'missing' ? null : this.#key;
  }

  /** Number of its entries. */
  get size(): number {
    return this.#look().size;
  }

  get<T extends Json = Json>(name: string): T | undefined {
    return this.#look().get(name) as T | undefined;
  }

  has(name: string): boolean {
    return this.#look().has(name);
  }

  /** @throws TypeError for what JSON cannot hold. */
  set(name: string, value: Json): this {
    this.#look().set(name, value);
    this.modified = true;
    return this;
  }

  /** Resolves with whether it was there. */
  delete(name: string): boolean {
    const was = this.#look().delete(name);
    if (was) this.modified = true;
    return was;
  }

  /** The value, which is taken out; `otherwise` where there is none. */
  pop<T extends Json = Json>(name: string, otherwise?: T): T | undefined {
    const value = this.get<T>(name);
    return this.delete(name) ? value : otherwise;
  }

  /** The value; where there is none, `value`, which is put in. */
  setDefault<T extends Json>(name: string, value: T): T {
    if (this.has(name)) return this.get<T>(name) as T;
    this.set(name, value);
    return value;
  }

  keys(): string[] {
    return this.#look().keys();
  }

  entries(): [string, Json][] {
    return this.keys().map((name) => [name, this.get(name) ?? null]);
  }

  [Symbol.iterator](): Iterator<[string, Json]> {
    return this.entries()[Symbol.iterator]();
  }

  /** Takes all entries out, and keeps the key. */
  clear(): void {
    this.#look();
    this.#members = new SessionMembers();
    this.modified = true;
  }

  /**
   * When it ends: after so many seconds without a change, at a moment, or, with 0, when the browser is closed. `null`
   * leaves it to the settings.
   */
  setExpiry(value: number | Date | null): void {
    if (value === null) this.delete(expiryKey);
    else this.set(expiryKey, value instanceof Date ? timestampOf(value) : value);
  }

  /** Seconds until it ends. */
  getExpiryAge({ now = this.#house.now() }: { readonly now?: Date } = {}): number {
    return sessionAge(this.#expiry(), { cookieAge: this.#house.cookieAge, timeZone: this.#house.timeZone, now });
  }

  /** When it ends. */
  getExpiryDate({ now = this.#house.now() }: { readonly now?: Date } = {}): Date {
    return new Date(
      sessionExpiry(this.#expiry(), { cookieAge: this.#house.cookieAge, timeZone: this.#house.timeZone, now }),
    );
  }

  /** Whether it ends when the browser is closed. */
  get expiresAtBrowserClose(): boolean {
    return endsWithBrowser(this.#expiry(), this.#house.expireAtBrowserClose);
  }

  /** What it says itself about its end. */
  #expiry(): JsonObject {
    const expiry = this.get(expiryKey);
    return expiry === undefined ? {} : { [expiryKey]: expiry };
  }

  setTestCookie(): void {
    this.set(testCookie, 'worked');
  }

  testCookieWorked(): boolean {
    return this.get(testCookie) === 'worked';
  }

  deleteTestCookie(): void {
    this.delete(testCookie);
  }

  /** A new key for the same data: the old one is worth nothing once the request is done. */
  cycleKey(): void {
    this.#look();
    if (this.#state === 'stored' && this.#key !== null) this.#replaced = this.#key;
    this.#key = newSessionKey();
    this.#state = 'new';
    this.modified = true;
  }

  /** Ends it: its row is deleted, whatever becomes of the request, and the visitor has an empty one without a key. */
  async flush(): Promise<void> {
    this.forget();
    await this.removeFlushed();
  }

  /** As {@link flush}, where nobody can wait: its row is deleted at the end of the request. */
  forget(): void {
    this.clear();
    const key = this.#state === 'stored' ? this.#key : this.#replaced;
    if (key !== null && key !== undefined) this.#flushed.push(key);
    this.#replaced = undefined;
    this.#key = null;
    this.#state = 'new';
  }

  /** Whether there are rows of sessions that have ended. */
  get hasEnded(): boolean {
    return this.#flushed.length > 0;
  }

  /** Deletes the rows of sessions that have ended. */
  async removeFlushed(): Promise<void> {
    while (this.#flushed.length > 0) {
      const [key = ''] = this.#flushed;
      await this.#house.rows.remove(key);
      this.#flushed.shift();
    }
  }

  /** Nothing to store, and no key: the cookie, if there is one, is to go. */
  get isEmpty(): boolean {
    if (this.#state === 'missing' && !this.accessed) return false;
    return this.key === null && this.#members.size === 0;
  }

  /**
   * Stores it now; a session without a key gets one. At the end of a request that is done by itself where it was changed.
   *
   * @throws SessionInterrupted where it was deleted in the meantime.
   */
  async save(): Promise<void> {
    this.#look();
    const { rows, codec, cookieAge, timeZone, now: clock } = this.#house;
    const now = clock();
    const row = {
      text: codec.encode(this.#members.toJson(), now),
      expires: sessionExpiry(this.#expiry(), { cookieAge, timeZone, now }),
    };
    if (this.#state === 'stored' && this.#key !== null) {
      if (!(await rows.update(this.#key, row))) throw new SessionInterrupted();
      return;
    }
    let key = this.#key ?? newSessionKey();
    while (!(await rows.create(key, row, this.#replaced))) key = newSessionKey();
    this.#key = key;
    this.#state = 'stored';
    this.#replaced = undefined;
  }

  /** A key that no row had is nobody's: it is not taken over from the visitor. */
  #look(): SessionMembers {
    this.accessed = true;
    if (this.#state === 'missing') {
      this.#key = null;
      this.#state = 'new';
    }
    return this.#members;
  }
}
