import { defineApp } from '../../src/registry/define.js';

const id = { type: 'BigAutoField', primaryKey: true } as const;

/** Fields of every type, natural keys and every kind of reference: the app of test/django/site/zoo. */
export const zoo = defineApp({
  label: 'zoo',
  models: {
    Tag: { fields: { name: { type: 'CharField', maxLength: 50, primaryKey: true } }, ordering: ['name'] },
    Author: {
      fields: {
        id,
        name: { type: 'CharField', maxLength: 60, unique: true },
        mentor: { type: 'ForeignKey', to: 'self', null: true, onDelete: 'CASCADE' },
      },
      naturalKey: ['name'],
      ordering: ['name'],
    },
    Book: {
      fields: {
        id,
        author: { type: 'ForeignKey', to: 'zoo.author', onDelete: 'CASCADE' },
        title: { type: 'CharField', maxLength: 60 },
        sequel: { type: 'OneToOneField', to: 'self', null: true, onDelete: 'CASCADE' },
      },
      naturalKey: ['author__name', 'title'],
      naturalKeyDependencies: ['zoo.author'],
      ordering: ['-title', 'id'],
      uniqueTogether: [['author', 'title']],
    },
    Animal: {
      fields: {
        id,
        small: { type: 'SmallIntegerField', null: true },
        small_count: { type: 'PositiveSmallIntegerField', null: true },
        number: { type: 'IntegerField', default: { value: 7 } },
        count: { type: 'PositiveIntegerField', null: true },
        big: { type: 'BigIntegerField', null: true },
        big_count: { type: 'PositiveBigIntegerField', null: true },
        flag: { type: 'BooleanField', default: { value: false } },
        maybe: { type: 'BooleanField', null: true },
        name: { type: 'CharField', maxLength: 100 },
        notes: { type: 'TextField', null: true },
        email: { type: 'EmailField', null: true },
        slug: { type: 'SlugField' },
        site: { type: 'URLField', null: true },
        day: { type: 'DateField', null: true },
        moment: { type: 'DateTimeField', null: true },
        at: { type: 'TimeField', null: true },
        took: { type: 'DurationField', null: true },
        price: { type: 'DecimalField', maxDigits: 12, decimalPlaces: 3, null: true },
        ratio: { type: 'FloatField', null: true },
        key: { type: 'UUIDField', null: true, unique: true },
        data: { type: 'JSONField', null: true },
        raw: { type: 'BinaryField', null: true },
        address: { type: 'GenericIPAddressField', null: true },
        parent: { type: 'ForeignKey', to: 'self', null: true, onDelete: 'CASCADE' },
        author: { type: 'ForeignKey', to: 'zoo.author', null: true, onDelete: 'CASCADE' },
        book: { type: 'ForeignKey', to: 'zoo.book', null: true, onDelete: 'CASCADE' },
        owner: { type: 'ForeignKey', to: 'auth.user', null: true, onDelete: 'CASCADE' },
      },
      manyToMany: {
        tags: { to: 'zoo.tag' },
        books: { to: 'zoo.book' },
        prey: { to: 'self' },
        labels: { to: 'zoo.tag', through: 'zoo.label' },
      },
      ordering: ['id'],
    },
    Label: {
      fields: {
        id,
        animal: { type: 'ForeignKey', to: 'zoo.animal', onDelete: 'CASCADE' },
        tag: { type: 'ForeignKey', to: 'zoo.tag', onDelete: 'CASCADE' },
        note: { type: 'CharField', maxLength: 30, default: { value: 'none' } },
      },
    },
    Passport: {
      fields: {
        animal: { type: 'OneToOneField', to: 'zoo.animal', primaryKey: true, onDelete: 'CASCADE' },
        code: { type: 'SlugField', unique: true },
      },
    },
    Stamp: {
      fields: {
        id: { type: 'UUIDField', primaryKey: true },
        passport: { type: 'ForeignKey', to: 'zoo.passport', onDelete: 'CASCADE' },
      },
    },
  },
});
