import { defineApp } from '../../src/registry/define.js';

const id = { type: 'BigAutoField', primaryKey: true } as const;

/** Models that inherit from others, and proxies: the app of test/django/site/kin. */
export const kin = defineApp({
  label: 'kin',
  models: {
    Topic: { fields: { id, name: { type: 'CharField', maxLength: 50, unique: true } }, naturalKey: ['name'] },
    Place: {
      fields: {
        id,
        name: { type: 'CharField', maxLength: 60, unique: true },
        address: { type: 'CharField', maxLength: 80, default: { value: 'nowhere' } },
        near: { type: 'ForeignKey', to: 'self', null: true, onDelete: 'SET_NULL' },
      },
      manyToMany: { topics: { to: 'kin.Topic' } },
    },
    Restaurant: {
      extends: 'kin.Place',
      fields: { serves_pizza: { type: 'BooleanField', default: { value: false } } },
      manyToMany: { dishes: { to: 'kin.Topic' } },
      verboseName: 'eating house',
      permissions: { eat_here: 'Can eat here' },
    },
    Diner: { extends: 'kin.Restaurant', fields: { stools: { type: 'IntegerField', default: { value: 3 } } } },
    Bar: {
      fields: {
        base: {
          type: 'OneToOneField',
          to: 'kin.Place',
          column: 'spot_id',
          primaryKey: true,
          parentLink: true,
          onDelete: 'CASCADE',
        },
        license: { type: 'CharField', maxLength: 20, null: true },
      },
    },
    Lot: {
      fields: {
        lot_id: { type: 'AutoField', primaryKey: true },
        spaces: { type: 'IntegerField', default: { value: 0 } },
      },
    },
    Garage: {
      extends: ['kin.Place', 'kin.Lot'],
      fields: { floors: { type: 'IntegerField', default: { value: 1 } } },
    },
    Person: { extends: 'auth.User', fields: { nickname: { type: 'CharField', maxLength: 30 } }, verboseName: 'user' },
    Review: {
      fields: {
        id,
        restaurant: { type: 'ForeignKey', to: 'kin.Restaurant', onDelete: 'CASCADE' },
        text: { type: 'CharField', maxLength: 50 },
      },
    },
    Desk: {
      fields: { id, owner: { type: 'ForeignKey', to: 'kin.Colleague', onDelete: 'CASCADE' } },
      manyToMany: { places: { to: 'kin.ReadReadPlace' } },
    },
  },
  proxies: [
    {
      name: 'ReadPlace',
      of: 'kin.Place',
      before: 'Desk',
      verboseName: 'place to read',
      defaultPermissions: ['view', 'share'],
      permissions: { whisper: 'Can whisper' },
    },
    { name: 'ReadReadPlace', of: 'kin.ReadPlace', before: 'Desk' },
    { name: 'Colleague', of: 'auth.User', before: 'Desk' },
  ],
});

/** What is in the tables, as Django's fixture of it. */
export const kinFixture = [
  { model: 'auth.user', pk: 71, fields: { username: 'pia', password: '!', email: 'pia@example.com' } },
  { model: 'auth.user', pk: 72, fields: { username: 'ulf', password: '!' } },
  { model: 'kin.topic', pk: 1, fields: { name: 'food' } },
  { model: 'kin.topic', pk: 2, fields: { name: 'drink' } },
  { model: 'kin.place', pk: 1, fields: { name: 'Park', address: 'nowhere', near: null, topics: [1] } },
  { model: 'kin.place', pk: 2, fields: { name: 'Rosa', address: '1 Way', near: 1, topics: [1, 2] } },
  { model: 'kin.place', pk: 3, fields: { name: 'Dina', address: 'nowhere', near: null, topics: [] } },
  { model: 'kin.place', pk: 4, fields: { name: 'Bob', address: 'nowhere', near: null, topics: [] } },
  { model: 'kin.place', pk: 5, fields: { name: 'Gary', address: 'nowhere', near: null, topics: [] } },
  { model: 'kin.restaurant', pk: 2, fields: { serves_pizza: true, dishes: [2] } },
  { model: 'kin.restaurant', pk: 3, fields: { serves_pizza: false, dishes: [1] } },
  { model: 'kin.diner', pk: 3, fields: { stools: 9 } },
  { model: 'kin.bar', pk: 4, fields: { license: 'x' } },
  { model: 'kin.lot', pk: 1, fields: { spaces: 5 } },
  { model: 'kin.lot', pk: 2, fields: { spaces: 7 } },
  { model: 'kin.garage', pk: 5, fields: { lot_ptr: 2, floors: 2 } },
  { model: 'kin.person', pk: 71, fields: { nickname: 'P' } },
  { model: 'kin.review', pk: 1, fields: { restaurant: 2, text: 'ok' } },
  { model: 'kin.review', pk: 2, fields: { restaurant: 3, text: 'so' } },
  { model: 'kin.desk', pk: 1, fields: { owner: 72, places: [1] } },
];
