import { defineApp } from '../../src/registry/define.js';
import type { Settings } from '../../src/settings/settings.js';

/** A project whose users have no user name: an address to log in with, a UUID key, and relations that are required. */
const club = defineApp({
  label: 'club',
  models: {
    Team: { fields: { code: { type: 'CharField', maxLength: 4, primaryKey: true } } },
    Skill: { verboseName: 'skill', fields: { name: { type: 'CharField', maxLength: 20, unique: true } } },
    Member: {
      naturalKey: ['email'],
      fields: {
        id: { type: 'UUIDField', primaryKey: true, default: { computed: 'uuid4' } },
        secret: { type: 'CharField', maxLength: 128, column: 'pw' },
        email: { type: 'EmailField', unique: true, verboseName: 'email address' },
        full_name: { type: 'CharField', maxLength: 40 },
        nickname: { type: 'CharField', maxLength: 10 },
        badge: { type: 'IntegerField', unique: true, null: true, blank: true },
        team: { type: 'ForeignKey', to: 'club.team', onDelete: 'CASCADE' },
        born: { type: 'DateField', null: true, blank: true },
        level: { type: 'PositiveSmallIntegerField', default: { value: 0 } },
      },
      manyToMany: { skills: { to: 'club.skill' }, groups: { to: 'auth.group', blank: true } },
      auth: {
        usernameField: 'email',
        emailField: 'email',
        requiredFields: ['full_name', 'team', 'skills'],
        passwordField: 'secret',
        superuserValues: { level: 9 },
        groups: 'groups',
      },
    },
  },
});

const migration = `
const link = (name, table, type) => ({
  name: 'club_member_' + name,
  columns: [
    { name: 'id', type: 'BigAutoField', primaryKey: true },
    { name: 'member_id', type: 'UUIDField', references: { table: 'club_member', column: 'id' } },
    { name: table.split('_')[1] + '_id', type, references: { table, column: 'id' } },
  ],
  uniqueTogether: [['member_id', table.split('_')[1] + '_id']],
});
export default {
  dependencies: ['auth.0012_alter_user_first_name_max_length'],
  async up(db, { schema }) {
    await schema.createTable({ name: 'club_team', columns: [{ name: 'code', type: 'CharField', maxLength: 4, primaryKey: true }] });
    await schema.createTable({ name: 'club_skill', columns: [
      { name: 'id', type: 'BigAutoField', primaryKey: true },
      { name: 'name', type: 'CharField', maxLength: 20, unique: true },
    ] });
    await schema.createTable({ name: 'club_member', columns: [
      { name: 'id', type: 'UUIDField', primaryKey: true },
      { name: 'pw', type: 'CharField', maxLength: 128 },
      { name: 'email', type: 'EmailField', maxLength: 254, unique: true },
      { name: 'full_name', type: 'CharField', maxLength: 40 },
      { name: 'nickname', type: 'CharField', maxLength: 10 },
      { name: 'badge', type: 'IntegerField', unique: true, null: true },
      { name: 'team_id', type: 'CharField', maxLength: 4, references: { table: 'club_team', column: 'code' } },
      { name: 'born', type: 'DateField', null: true },
      { name: 'level', type: 'PositiveSmallIntegerField' },
    ] });
    await schema.createTable(link('skills', 'club_skill', 'BigIntegerField'));
    await schema.createTable(link('groups', 'auth_group', 'IntegerField'));
  },
};
`;

// Few rounds: no test of it is about how long hashing takes.
const config: Settings = { userModel: 'club.member', apps: [club], passwordIterations: 1000 };

/** The files of that project, for `temporaryFolder`. */
export const clubFiles: Readonly<Record<string, string>> = {
  'manage.config.json': JSON.stringify(config),
  'migrations/club/0001_initial.mjs': migration,
};
