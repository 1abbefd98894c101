import { defineApp } from '../../src/registry/define.js';

/** Models with all that decides about DDL, under names that are hard to keep. test/django/models.py has the same. */
export const awkward = defineApp({
  label: 'awkward',
  models: {
    Thing: {
      fields: {
        name: { type: 'CharField', maxLength: 40, unique: true },
        slug: { type: 'SlugField' },
        code: { type: 'CharField', maxLength: 10, dbIndex: true },
        notes: { type: 'TextField', dbIndex: true, null: true },
        label: { type: 'TextField', unique: true },
        small: { type: 'SmallIntegerField' },
        positive_small: { type: 'PositiveSmallIntegerField', null: true },
        positive: { type: 'PositiveIntegerField', unique: true },
        positive_big: { type: 'PositiveBigIntegerField', dbIndex: true },
        data: { type: 'JSONField' },
        price: { type: 'DecimalField', maxDigits: 10, decimalPlaces: 2 },
        address: { type: 'GenericIPAddressField', null: true },
        site: { type: 'URLField' },
        email: { type: 'EmailField', unique: true },
        took: { type: 'DurationField', dbIndex: true },
        key: { type: 'UUIDField', dbIndex: true },
        raw: { type: 'BinaryField' },
        day: { type: 'DateField', dbIndex: true },
        at: { type: 'TimeField' },
        ratio: { type: 'FloatField' },
        flag: { type: 'BooleanField' },
        parent: { type: 'ForeignKey', to: 'self', null: true, onDelete: 'CASCADE' },
        owner: { type: 'ForeignKey', to: 'auth.user', dbIndex: false, onDelete: 'CASCADE' },
        editor: { type: 'ForeignKey', to: 'auth.user', dbConstraint: false, onDelete: 'CASCADE' },
        group: { type: 'OneToOneField', to: 'auth.group', onDelete: 'CASCADE' },
        weird: { type: 'CharField', column: 'We?ird col', maxLength: 5, unique: true },
        size: { type: 'IntegerField', column: 'größe', dbIndex: true },
      },
      manyToMany: {
        friends: { to: 'self' },
        permissions_that_were_granted_to_it: { to: 'auth.permission' },
      },
      uniqueTogether: [
        ['code', 'parent'],
        ['weird', 'size', 'positive_big'],
      ],
      indexes: [{ fields: ['day', '-at'] }, { fields: ['name'], name: 'named_by_hand' }, { fields: ['-size', 'flag'] }],
    },
    Token: { fields: { token: { type: 'CharField', maxLength: 30, primaryKey: true } } },
    Keyed: {
      table: '1_keyed',
      fields: {
        id: { type: 'UUIDField', primaryKey: true },
        token: { type: 'ForeignKey', to: 'awkward.token', onDelete: 'CASCADE' },
        other: { type: 'OneToOneField', to: 'awkward.token', onDelete: 'CASCADE' },
      },
      manyToMany: { tokens: { to: 'awkward.token' } },
    },
    AnExtraordinarilyLongNameOfAModelThatNobodyWouldEverTypeIt: {
      fields: {
        id: { type: 'SmallAutoField', primaryKey: true },
        keyed_by_something_that_has_a_rather_long_name: {
          type: 'ForeignKey',
          to: 'awkward.keyed',
          onDelete: 'CASCADE',
        },
        a_column_with_a_very_long_name_that_is_unique_as_well: { type: 'CharField', maxLength: 9, unique: true },
      },
      manyToMany: { things: { to: 'awkward.thing' } },
      uniqueTogether: [
        ['keyed_by_something_that_has_a_rather_long_name', 'a_column_with_a_very_long_name_that_is_unique_as_well'],
      ],
      indexes: [{ fields: ['keyed_by_something_that_has_a_rather_long_name', 'id'] }],
    },
  },
});
