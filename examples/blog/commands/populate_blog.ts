import { CommandError, defineCommand, transaction } from 'manage-auth';

export default defineCommand({
  describe: 'Add posts to the blog.',
  options: {
    posts: { type: 'integer', min: 1, max: 10_000, default: 10, describe: 'How many posts to add.' },
  },
  async run({ connect, terminal, now }, { posts }) {
    const connection = await connect();
    const authors = await connection.db('auth_user').orderBy('id').limit(100).pluck('id');
    if (authors.length === 0) {
      throw new CommandError('There is nobody who could write posts.', {
        code: 'no_users',
        hint: 'Run `manage createsuperuser` or `manage populate_db` first.',
      });
    }
    const published = now().toISOString().replace('T', ' ').replace('Z', '');
    await transaction(connection, async ({ db }) => {
      const [row] = await db('blog_post').count({ count: '*' });
      const first = Number(row?.count ?? 0) + 1;
      const tags = await db('blog_tag').orderBy('id').pluck('id');
      for (let number = first; number < first + posts; number++) {
        const [{ id }] = await db('blog_post')
          .insert({
            title: `Post ${number}`,
            slug: `post-${number}`,
            body: 'Lorem ipsum.',
            author_id: authors[number % authors.length],
            published,
          })
          .returning('id');
        if (tags.length > 0) await db('blog_post_tags').insert({ post_id: id, tag_id: tags[number % tags.length] });
      }
    });
    terminal.say(`Added ${posts} post${posts === 1 ? '' : 's'}.`);
    return { json: { posts } };
  },
});
