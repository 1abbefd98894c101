import type { Executor } from 'manage-auth';

const names = ['announcements', 'howto', 'release', 'team'];

/** Run by `manage populate_db`; again without harm. */
export async function seed(knex: Executor): Promise<void> {
  await knex('blog_tag')
    .insert(names.map((name) => ({ name })))
    .onConflict('name')
    .ignore();
}
