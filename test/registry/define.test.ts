import { describe, expect, it } from 'vitest';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry, findModel, storedField } from '../../src/registry/define.js';
import type { AppDefinition, ModelDefinition } from '../../src/registry/types.js';
import { awkward } from '../helpers/awkward.js';

const app = (models: Record<string, ModelDefinition>, label = 'shop'): AppDefinition => ({ label, models });
const item: ModelDefinition = { fields: { name: { type: 'CharField', maxLength: 5 } } };
const registry = (...apps: AppDefinition[]) => createRegistry([...coreApps, ...apps]);

const member: ModelDefinition = {
  fields: {
    email: { type: 'EmailField', primaryKey: true },
    password: { type: 'CharField', maxLength: 128 },
    is_boss: { type: 'BooleanField' },
  },
  manyToMany: { groups: { to: 'auth.Group' }, likes: { to: 'self' } },
  auth: {
    usernameField: 'email',
    requiredFields: [],
    passwordField: 'password',
    superuserValues: { is_boss: true },
    groups: 'groups',
  },
};

describe('a registry', () => {
  it('has the models of Django in the order of their content types', () => {
    expect(registry().models.map(({ label }) => label)).toEqual([
      'admin.logentry',
      'auth.permission',
      'auth.group',
      'auth.user',
      'contenttypes.contenttype',
      'sessions.session',
    ]);
  });

  it('works out what a definition leaves out', () => {
    const { models } = registry(
      app({ Item: { ...item, manyToMany: { rivals: { to: 'self' }, tags: { to: 'shop.Tag' } } }, Tag: item }),
    );
    const model = models.find(({ label }) => label === 'shop.item');
    expect(model).toMatchObject({ table: 'shop_item', verboseName: 'item', verboseNamePlural: 'items', managed: true });
    expect(model?.fields.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'BigAutoField'],
      ['name', 'CharField'],
    ]);
    expect(model?.manyToMany).toMatchObject([
      { to: 'shop.item', table: 'shop_item_rivals', column: 'from_item_id', reverseColumn: 'to_item_id' },
      {
        to: 'shop.tag',
        table: 'shop_item_tags',
        column: 'item_id',
        reverseColumn: 'tag_id',
        autoField: 'BigAutoField',
      },
    ]);
  });

  it("points at the project's user model wherever Django's is named, and has no table for the latter", () => {
    const order: ModelDefinition = {
      fields: { buyer: { type: 'ForeignKey', to: 'auth.User' } },
      manyToMany: { watchers: { to: 'auth.user' } },
    };
    const own = createRegistry([...coreApps, app({ Member: member, Order: order })], 'shop.Member');
    expect(own.userModel.label).toBe('shop.member');
    expect(findModel(own, 'auth.user')).toBeUndefined();
    expect(findModel(own, 'admin.LogEntry')?.fields.find(({ name }) => name === 'user')?.to).toBe('shop.member');
    const model = findModel(own, 'shop.order');
    expect(model?.manyToMany[0]).toMatchObject({ to: 'shop.member', column: 'order_id', reverseColumn: 'member_id' });
    const buyer = model?.fields.find(({ name }) => name === 'buyer');
    expect(buyer && storedField(own, buyer)).toMatchObject({ type: 'EmailField', maxLength: 254 });
  });

  it('cuts the names of tables where the database would', () => {
    const cut = createRegistry([...coreApps, awkward], 'auth.user', { maxNameLength: 63 });
    const long = cut.models.at(-1);
    expect(long?.table).toHaveLength(63);
    expect(long?.manyToMany[0]?.table).toHaveLength(63);
    expect(long?.manyToMany[0]?.table).not.toBe(long?.table);
  });

  it.each<[string, AppDefinition[], string]>([
    ['an app twice', [app({}), app({})], "The app 'shop' is declared twice."],
    ['a label that is no name', [app({}, 'my-shop')], "The app label 'my-shop' is not a name."],
    [
      'a reference to nothing',
      [app({ Item: { fields: { of: { type: 'ForeignKey', to: 'shop.thing' } } } })],
      "shop.item.of refers to 'shop.thing', and no app declares that model.",
    ],
    [
      'a reference that does not say to what',
      [app({ Item: { fields: { of: { type: 'ForeignKey' } } } })],
      'The field shop.item.of is a ForeignKey but does not say what it refers to.',
    ],
    [
      'an ordering by nothing',
      [app({ Item: { ...item, ordering: ['-nme'] } })],
      "The model shop.item has no field 'nme', which its ordering names.",
    ],
    [
      'a unique group of nothing',
      [app({ Item: { ...item, uniqueTogether: [['name', 'x']] } })],
      "The model shop.item has no field 'x', which its uniqueTogether names.",
    ],
    [
      'an index over nothing',
      [app({ Item: { ...item, indexes: [{ fields: ['-x'] }] } })],
      "The model shop.item has no field 'x', which its indexes names.",
    ],
    [
      'two keys',
      [
        app({
          Item: {
            fields: { a: { type: 'IntegerField', primaryKey: true }, b: { type: 'IntegerField', primaryKey: true } },
          },
        }),
      ],
      'The model shop.item has more than one primary key.',
    ],
    [
      'a column twice',
      [app({ Item: { fields: { a: { type: 'IntegerField' }, b: { type: 'IntegerField', column: 'a' } } } })],
      "The model shop.item uses the column 'a' twice.",
    ],
    [
      'an auth block that lacks what it needs',
      [app({ Member: { ...member, auth: { usernameField: 'name', passwordField: 'password' } as never } })],
      'The model shop.member has no `requiredFields` and no `superuserValues` in its `auth` block.',
    ],
    [
      'an auth block that names no field',
      [
        app({
          Member: {
            ...member,
            auth: { usernameField: 'name', requiredFields: [], passwordField: 'password', superuserValues: {} },
          },
        }),
      ],
      "The model shop.member has no field 'name', which its auth block names.",
    ],
    [
      'a model without fields',
      [JSON.parse('{"label":"shop","models":{"Item":{}}}')],
      'The model shop.Item has no `fields`.',
    ],
    [
      'a type that Django does not have',
      [JSON.parse('{"label":"shop","models":{"Item":{"fields":{"a":{"type":"Charfield"}}}}}')],
      "The field shop.Item.a has the type 'Charfield', which is not one of Django's.",
    ],
    [
      'a relation to nothing',
      [JSON.parse('{"label":"shop","models":{"Item":{"fields":{},"manyToMany":{"a":{}}}}}')],
      'The relation shop.Item.a does not say what it refers to.',
    ],
  ])('refuses %s', (_what, apps, message) => {
    expect(() => registry(...apps)).toThrow(message);
  });

  it('refuses a user model that is not there, or holds no accounts', () => {
    expect(() => createRegistry(coreApps, 'shop.member')).toThrow(
      "The user model 'shop.member' is not declared by any app.",
    );
    expect(() => createRegistry(coreApps, 'auth.group')).toThrow("The user model 'auth.group' has no `auth` block.");
  });
});
