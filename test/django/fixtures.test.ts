import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { type DjangoSite, djangoSite } from '../helpers/django.js';
import { manage } from '../helpers/manage.js';

const formats = ['json', 'jsonl', 'xml', 'yaml'] as const;
const labels = ['auth', 'contenttypes', 'sessions', 'admin'];

/** Pieces of texts that formats quote, escape, fold or take for something else. */
const pieces = [
  ...['a', 'word', ' ', '  ', '\t', '\n', '\r\n', ': ', ' #', '#', "'", '"', '\\', '- ', '-', '?', '&', '*', '!', '|'],
  ...['>', '%', '@', '`', '{', '}', '[', ']', ',', '=', '~', 'null', 'true', 'Yes', '1', '0x1F', '1e5', '1.5', '.5'],
  ...['2024-01-01', '12:30:45', '---', '...', 'é', '\u00a0', '\u0085', '\u2028', '\ufeff', '🔑', '<b>', '&amp;', ']]>'],
  ...['\x7f', 'a very long word that goes on', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '<<', 'y', 'on'],
];

/** Texts that are the same in every run. */
function awkwardTexts(count: number): string[] {
  let state = 42;
  const next = (below: number) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
  return Array.from({ length: count }, () => {
    const length = 1 + next(12);
    const text = Array.from({ length }, () => pieces[next(pieces.length)] ?? '').join('');
    return Array.from(text).slice(0, 140).join('');
  });
}

async function emptied(db: TestDatabase): Promise<void> {
  const tables = ['django_admin_log', 'django_session', 'auth_user_groups', 'auth_user_user_permissions'];
  const more = [
    'auth_group_permissions',
    'blogapp_post_tags',
    'blogapp_post',
    'auth_user',
    'auth_group',
    'auth_permission',
  ];
  for (const table of [...tables, ...more, 'django_content_type']) await db.query(`DELETE FROM "${table}"`);
}

forEachEngine((engine) => {
  const open = async (): Promise<{ db: TestDatabase; site: DjangoSite }> => {
    const db = await createDatabase(engine, { from: 'sample' });
    return { db, site: djangoSite(db) };
  };

  test.each(formats)('what manage writes in %s is what Django reads, and the reverse', async (format) => {
    const { db, site } = await open();
    try {
      const dump = async (...args: string[]) => {
        const { stdout, stderr } = await manage(['dumpdata', ...labels, ...args], { db });
        expect(stderr).toBe('');
        return stdout;
      };
      const before = await dump('--precision', 'milliseconds');
      const exact = await dump();
      const file = join(site.folder, `ours.${format}`);
      await dump('--format', format, '-o', file);
      const theirs = join(site.folder, `theirs.${format}`);
      await site.manage('dumpdata', ...labels, '--format', format, '-o', theirs);

      await emptied(db);
      await site.manage('loaddata', file);
      // Django takes spaces at both ends away from texts in XML.
      const kept = (text: string) =>
        JSON.parse(text, (_, value: unknown) => (typeof value === 'string' && format === 'xml' ? value.trim() : value));
      expect(kept(await dump())).toEqual(kept(exact));

      await emptied(db);
      expect((await manage(['loaddata', theirs], { db })).stderr).toBe('');
      // Django loses carriage returns in XML, and what is less than a millisecond in JSON.
      const expected = format === 'xml' ? before.replaceAll('\\r\\n', '\\n') : before;
      const cut = (text: string) => text.replaceAll('.000Z"', 'Z"');
      expect(cut(await dump('--precision', 'milliseconds'))).toBe(cut(expected));
    } finally {
      await db.drop();
    }
  });

  test('every format equals that of Django for awkward texts, byte for byte', async () => {
    const { db, site } = await open();
    try {
      const texts = awkwardTexts(400);
      const records = texts.map((text, index) => ({
        model: 'auth.user',
        pk: 100 + index,
        fields: {
          username: `awkward ${index}`,
          password: '!',
          first_name: text,
          last_name: Array.from(text).reverse().join(''),
          groups: [1, 2],
        },
      }));
      const loaded = await manage(['loaddata', '-', '--format', 'json'], { db, stdin: JSON.stringify(records) });
      expect(loaded.stderr).toBe('');
      for (const args of [
        ['--format', 'json'],
        ['--format', 'json', '--indent', '0'],
        ['--format', 'json', '--indent', '3', '--natural-foreign'],
        ['--format', 'jsonl', '--natural-primary', '--natural-foreign'],
        ['--format', 'yaml'],
        ['--format', 'yaml', '--indent', '4', '--natural-foreign'],
        ['--format', 'xml'],
        ['--format', 'xml', '--indent', '1', '--natural-foreign', '--natural-primary'],
      ]) {
        const { stdout, stderr } = await manage(['dumpdata', 'auth.user', ...args, '--precision', 'milliseconds'], {
          db,
        });
        expect(stderr).toBe('');
        const theirs = (await site.manage('dumpdata', 'auth.user', ...args)).split('\n');
        const ours = stdout.split('\n');
        const at = ours.findIndex((line, index) => line !== theirs[index]);
        expect({ args, at, line: ours[at] }).toEqual({ args, at, line: theirs[at] });
        expect(ours.length).toBe(theirs.length);
      }
    } finally {
      await db.drop();
    }
  });
});
