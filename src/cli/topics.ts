/** The commands of this package by what they are about, in the order in which `help` shows them. */
export const topics: Readonly<Record<string, readonly string[]>> = {
  accounts: [
    'activateuser',
    'auditpasswords',
    'changepassword',
    'checkpassword',
    'createsuperuser',
    'createuser',
    'deactivateuser',
    'deleteuser',
    'edituser',
    'eraseuser',
    'export_emails',
    'exportuser',
    'generate_password',
    'importusers',
    'listusers',
    'mergeusers',
    'resetlink',
    'set_fake_emails',
    'set_fake_passwords',
    'showuser',
  ],
  rights: [
    'access',
    'applyaccess',
    'creategroup',
    'deletegroup',
    'diffaccess',
    'dumpaccess',
    'editgroup',
    'grant',
    'listgroups',
    'revoke',
    'show_permissions',
    'update_permissions',
    'whocan',
  ],
  sessions: [
    'clearsessions',
    'createsession',
    'decode_session',
    'listsessions',
    'print_user_for_session',
    'revokesessions',
    'sessionstats',
  ],
  credentials: [
    'createtoken',
    'credentials',
    'decode_token',
    'generate_secret_key',
    'generatekeys',
    'list2fa',
    'listlockouts',
    'listtokens',
    'offboard',
    'prune',
    'reset2fa',
    'revoketokens',
    'unlockuser',
  ],
  fixtures: ['dumpdata', 'loaddata'],
  data: ['clear_models', 'flush', 'populate_db', 'remove_stale_contenttypes', 'reset_db', 'sqlflush'],
  schema: [
    'check',
    'inspectdb',
    'makemigrations',
    'migrate',
    'showmigrations',
    'sql',
    'sqlall',
    'sqlclear',
    'sqlcreate',
    'sqldiff',
    'sqldsn',
    'sqlindexes',
    'sqlmigrate',
    'sqlsequencereset',
  ],
};

/** For whatever has no place of its own. */
const otherTopic = 'tools';

const topicByName = new Map(Object.entries(topics).flatMap(([topic, names]) => names.map((name) => [name, topic])));
const order = [...Object.keys(topics), otherTopic];

/** What a command of this package is about. */
export const topicOf = (name: string): string => topicByName.get(name) ?? otherTopic;

/** Where a topic stands among the others. */
export const placeOfTopic = (topic: string): number => order.indexOf(topic);
