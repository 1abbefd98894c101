import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Puts docs/manage_config.py into the app `tools` of a Django project, to be installed there. */
export function addConfigCommand(folder: string): void {
  const commands = join(folder, 'tools/management/commands');
  mkdirSync(commands, { recursive: true });
  for (const each of ['tools', 'tools/management', 'tools/management/commands'])
    writeFileSync(join(folder, each, '__init__.py'), '');
  cpSync(join(import.meta.dirname, '../../docs/manage_config.py'), join(commands, 'manage_config.py'));
}

/** The ways to dump in which what is written is compared with Django's, byte by byte. */
export const dumps = [
  ['dumpdata'],
  ['dumpdata', '--natural-foreign', '--natural-primary'],
  ['dumpdata', '--format', 'xml', '--natural-foreign'],
] as const;
