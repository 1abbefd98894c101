import { defineApp } from '../../src/registry/define.js';

/** The app of its own that the project behind the sample databases has: fields of every type. */
export const blogApp = defineApp({
  label: 'blogapp',
  models: {
    Tag: { fields: { name: { type: 'CharField', maxLength: 50, primaryKey: true } } },
    Post: {
      fields: {
        id: { type: 'BigAutoField', primaryKey: true, verboseName: 'ID' },
        title: { type: 'CharField', maxLength: 200 },
        body: { type: 'TextField' },
        author: { type: 'ForeignKey', to: 'auth.user', null: true, onDelete: 'CASCADE' },
        published: { type: 'DateTimeField', null: true },
        created: { type: 'DateField', null: true },
        at: { type: 'TimeField', null: true },
        took: { type: 'DurationField', null: true },
        price: { type: 'DecimalField', maxDigits: 12, decimalPlaces: 3, null: true },
        score: { type: 'FloatField', null: true },
        big: { type: 'BigIntegerField', null: true },
        ok: { type: 'BooleanField', default: { value: false } },
        uid: { type: 'UUIDField', default: { computed: 'uuid4' }, unique: true },
        extra: { type: 'JSONField', null: true },
        blob: { type: 'BinaryField', null: true },
        parent: { type: 'ForeignKey', to: 'self', null: true, onDelete: 'CASCADE' },
      },
      manyToMany: { tags: { to: 'blogapp.tag' } },
    },
  },
});
