import { defineApp } from 'manage-auth';

export const blog = defineApp({
  label: 'blog',
  models: {
    Tag: {
      naturalKey: ['name'],
      fields: {
        name: { type: 'CharField', maxLength: 50, unique: true },
      },
    },
    Post: {
      ordering: ['-published'],
      permissions: { publish_post: 'Can publish post' },
      fields: {
        title: { type: 'CharField', maxLength: 200 },
        slug: { type: 'SlugField', unique: true },
        body: { type: 'TextField', blank: true, default: { value: '' } },
        author: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE' },
        published: { type: 'DateTimeField', null: true, blank: true },
      },
      manyToMany: {
        tags: { to: 'blog.tag', blank: true },
      },
    },
  },
});
