import type { Credentials } from '../auth/backends/backend.js';
import type { User } from '../auth/backends/user.js';

/** What listeners are told, by Django's names of signals. `request` is the framework's own object, where there is one. */
export interface AuthEvents {
  userLoggedIn: { readonly request: object; readonly user: User };
  /** The user is null where nobody was logged in. */
  userLoggedOut: { readonly request: object; readonly user: User | null };
  /** Secrets among the credentials are masked. */
  userLoginFailed: { readonly request: object | undefined; readonly credentials: Credentials };
}

type Listener<Name extends keyof AuthEvents> = (event: AuthEvents[Name]) => unknown;

export interface Emitter {
  /** Adds a listener, and resolves with what takes it away again. */
  on<Name extends keyof AuthEvents>(name: Name, listener: Listener<Name>): () => void;
  /** Waits for the listeners one by one; what one throws ends it. */
  emit<Name extends keyof AuthEvents>(name: Name, event: AuthEvents[Name]): Promise<void>;
}

export function createEmitter(): Emitter {
  const listeners: { [Name in keyof AuthEvents]: Set<Listener<Name>> } = {
    userLoggedIn: new Set(),
    userLoggedOut: new Set(),
    userLoginFailed: new Set(),
  };
  return {
    on(name, listener) {
      listeners[name].add(listener);
      return () => listeners[name].delete(listener);
    },
    async emit(name, event) {
      for (const listener of listeners[name]) await listener(event);
    },
  };
}

/** Django 5.2 contrib/auth/__init__.py, _clean_credentials. */
export function maskCredentials(credentials: Credentials): Credentials {
  return Object.fromEntries(
    Object.entries(credentials).map(([name, value]) => [
      name,
      /api|token|key|secret|password|signature/i.test(name) ? '********************' : value,
    ]),
  );
}
