import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeInText } from '../../src/cli/discover.js';

const folder = join(import.meta.dirname, '../../src/commands');
const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.startsWith('_'));

describe('what `help` reads in the text of a command is what the command says', () => {
  test.each(files)('%s', async (file) => {
    const { default: command } = (await import(join(folder, file))) as { default: { describe: string } };
    expect(describeInText(readFileSync(join(folder, file), 'utf8'))).toBe(command.describe.split('\n')[0]);
  });
});
