import { defineMigration } from 'manage-auth';

export default defineMigration({
  dependencies: ['userModel'],

  async up(_db, { schema, operation, userModel }) {
    operation('Create model Tag');
    await schema.createTable({
      name: 'blog_tag',
      columns: [
        { name: 'id', type: 'BigAutoField', primaryKey: true },
        { name: 'name', type: 'CharField', maxLength: 50, unique: true },
      ],
    });
    operation('Create model Post');
    await schema.createTable({
      name: 'blog_post',
      columns: [
        { name: 'id', type: 'BigAutoField', primaryKey: true },
        { name: 'title', type: 'CharField', maxLength: 200 },
        { name: 'slug', type: 'SlugField', unique: true },
        { name: 'body', type: 'TextField' },
        { name: 'author_id', type: userModel.pkType, references: { table: userModel.table, column: userModel.pk } },
        { name: 'published', type: 'DateTimeField', null: true },
      ],
    });
    await schema.createTable({
      name: 'blog_post_tags',
      columns: [
        { name: 'id', type: 'BigAutoField', primaryKey: true },
        { name: 'post_id', type: 'BigIntegerField', references: { table: 'blog_post', column: 'id' } },
        { name: 'tag_id', type: 'BigIntegerField', references: { table: 'blog_tag', column: 'id' } },
      ],
      uniqueTogether: [['post_id', 'tag_id']],
    });
  },

  async down(_db, { schema, operation }) {
    operation('Delete models Post and Tag');
    await schema.dropTable('blog_post_tags');
    await schema.dropTable('blog_post');
    await schema.dropTable('blog_tag');
  },
});
