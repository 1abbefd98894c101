import { describe, expect, it } from 'vitest';
import { declaredIndexName, foreignKeyName, indexName, uniqueName } from '../../src/db/schema/names.js';
import { titleOf, truncateName, verboseNameOf } from '../../src/registry/names.js';

// What Django 5.2 itself makes of these.
describe('names of indexes and constraints', () => {
  it.each([
    ['auth_user', ['username'], '_like', 63, 'auth_user_username_6821ab7c_like'],
    ['_x', ['a'], '', 63, '_x_a_bb471854'],
    ['1t', ['a'], '', undefined, '1t_a_48e145e6'],
    [
      '1'.repeat(70),
      ['b'.repeat(70)],
      '_fk_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz_id',
      63,
      'D11111111111111111111_bbbbbbbbbbbbbbbbbbbb_915f8eac_fk_zzzzzzzz',
    ],
    ['t'.repeat(300), ['c'.repeat(300)], '_uniq', undefined, `${'t'.repeat(92)}_${'c'.repeat(92)}_48537e4b_uniq`],
    ['größe𝄞'.repeat(10), ['ß'.repeat(20)], '_uniq', 63, `${'größe𝄞'.repeat(4)}_${'ß'.repeat(20)}_a357dad7_uniq`],
  ] as const)('%s %s', (table, columns, suffix, max, expected) => {
    expect(indexName(table, columns, suffix, max)).toBe(expected);
  });

  it('are cut so that the suffix of a foreign key stays', () => {
    const references = { table: 'auth_permission', column: 'id' };
    expect(foreignKeyName('auth_group_permissions', 'permission_id', references, 63)).toBe(
      'auth_group_permissio_permission_id_84c5c92e_fk_auth_perm',
    );
    expect(uniqueName('auth_user_user_permissions', ['user_id', 'permission_id'], 63)).toBe(
      'auth_user_user_permissions_user_id_permission_id_14a6b632_uniq',
    );
  });

  it('of declared indexes are short everywhere', () => {
    expect(declaredIndexName('awkward_thing', ['day', '-at'])).toMatch(/^awkward_thi_day_[0-9a-f]{6}_idx$/);
    expect(declaredIndexName('1_keyed', ['token_id'])).toMatch(/^D_keyed_token_i_[0-9a-f]{6}_idx$/);
  });
});

describe('other names', () => {
  it('of tables are cut where the database limits them', () => {
    expect(truncateName('a'.repeat(63), 63)).toBe('a'.repeat(63));
    expect(truncateName('a'.repeat(64), 63)).toBe(`${'a'.repeat(59)}0148`);
    expect(truncateName('ü'.repeat(80), 63)).toBe(`${'ü'.repeat(59)}52bf`);
    expect(truncateName('a'.repeat(64), undefined)).toBe('a'.repeat(64));
  });

  it.each([
    ['LogEntry', 'log entry'],
    ['HTTPServer', 'http server'],
    ['OAuth2Token', 'o auth2 token'],
    ['A', 'a'],
    ['AB', 'ab'],
    ['ABc', 'a bc'],
    ['User2FA', 'user2fa'],
    ['eMail', 'e mail'],
    ['X509Cert', 'x509 cert'],
    ['_Private', '_ private'],
    ['FooBARBaz', 'foo bar baz'],
  ])('of models: %s', (name, expected) => {
    expect(verboseNameOf(name)).toBe(expected);
  });

  it.each([
    ['auth', 'Auth'],
    ['blog_app', 'Blog_App'],
    ['app2go', 'App2Go'],
    ['ALLCAPS', 'Allcaps'],
    ['über_app', 'Über_App'],
  ])('of apps: %s', (label, expected) => {
    expect(titleOf(label)).toBe(expected);
  });
});
