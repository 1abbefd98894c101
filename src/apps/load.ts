import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sourceRoot } from '../modules/package-root.js';
import type { CredentialApp } from './define.js';

const folder = join(sourceRoot, 'apps');

/** All apps that this package knows: each folder beside this file declares one, or several that a package brings. */
export async function loadKnownApps(): Promise<readonly CredentialApp[]> {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const found = await Promise.all(
    folders.map(async ({ name }) => {
      const file = ['index.js', 'index.ts'].map((each) => join(folder, name, each)).find(existsSync);
      const module: { readonly default?: unknown } =
        file === undefined ? {} : await import(/* @vite-ignore */ pathToFileURL(file).href);
      return module.default;
    }),
  );
  return found.flat().filter(isCredentialApp);
}

/** Whether a value is what `defineCredentials` makes. */
export function isCredentialApp(value: unknown): value is CredentialApp {
  return typeof value === 'object' && value !== null && 'app' in value && 'package' in value;
}
