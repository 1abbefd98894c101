/**
 * What other tools of the field call things (Django's extensions, adduser and passwd of Unix, Laravel, Rails, WordPress), and
 * the commands here. None of them is run for it: they are named.
 */
const table: Readonly<Record<string, readonly string[]>> = {
  activate: ['activateuser'],
  addgroup: ['creategroup'],
  addsuperuser: ['createsuperuser'],
  adduser: ['createuser', 'createsuperuser'],
  admin: ['createsuperuser'],
  anonymize: ['set_fake_emails', 'eraseuser', 'dumpdata'],
  ban: ['deactivateuser'],
  block: ['deactivateuser'],
  chpasswd: ['changepassword'],
  cleanup: ['clearsessions', 'prune'],
  clearcache: ['clearsessions'],
  collectstatic: [],
  console: ['shell', 'dbshell'],
  createdb: ['migrate', 'sqlcreate'],
  db: ['dbshell'],
  deactivate: ['deactivateuser'],
  deluser: ['deleteuser', 'deactivateuser'],
  deleteuser: ['deleteuser', 'deactivateuser'],
  describe: ['inspectdb', 'showuser'],
  diff: ['sqldiff', 'diffsettings'],
  disable: ['deactivateuser'],
  disableuser: ['deactivateuser'],
  dump: ['dumpdata'],
  edit: ['edituser', 'editgroup'],
  enable: ['activateuser'],
  enableuser: ['activateuser'],
  env: ['diffsettings'],
  export: ['dumpdata', 'exportuser', 'listusers'],
  finduser: ['showuser', 'listusers'],
  forgotpassword: ['resetlink', 'changepassword'],
  genkey: ['generate_secret_key', 'generatekeys'],
  getuser: ['showuser'],
  gdpr: ['eraseuser', 'exportuser'],
  groupadd: ['creategroup'],
  groups: ['listgroups', 'editgroup'],
  health: ['check', 'doctor'],
  import: ['loaddata', 'importusers'],
  info: ['showuser', 'diffsettings'],
  introspect: ['inspectdb'],
  kick: ['revokesessions'],
  kill: ['revokesessions'],
  killsessions: ['revokesessions'],
  list: ['help', 'listusers'],
  load: ['loaddata'],
  lock: ['deactivateuser'],
  lockuser: ['deactivateuser'],
  log: ['listlog'],
  login: ['createsession', 'checkpassword'],
  logout: ['revokesessions'],
  logoutall: ['revokesessions'],
  logs: ['listlog'],
  makesuperuser: ['createsuperuser'],
  members: ['listusers'],
  migration: ['migrate', 'makemigrations', 'showmigrations'],
  migrations: ['showmigrations', 'makemigrations'],
  mkuser: ['createuser'],
  moduser: ['edituser'],
  mysql: ['dbshell'],
  newuser: ['createuser'],
  passwd: ['changepassword'],
  password: ['changepassword', 'checkpassword'],
  perms: ['show_permissions', 'access'],
  permissions: ['show_permissions', 'access'],
  promote: ['createsuperuser', 'edituser'],
  psql: ['dbshell'],
  purge: ['clearsessions', 'prune'],
  removeuser: ['deleteuser', 'deactivateuser'],
  rename: ['edituser'],
  repl: ['shell'],
  resetpassword: ['changepassword', 'resetlink'],
  restore: ['loaddata'],
  rights: ['access', 'show_permissions'],
  roles: ['listgroups'],
  routes: [],
  runserver: [],
  schema: ['sqlall', 'inspectdb'],
  secret: ['generate_secret_key'],
  seed: ['populate_db'],
  serve: [],
  sessions: ['listsessions', 'sessionstats'],
  setpassword: ['changepassword'],
  settings: ['diffsettings'],
  shell_plus: ['shell'],
  show: ['showuser', 'showmigrations'],
  show_urls: [],
  showgroups: ['listgroups'],
  sqlite: ['dbshell'],
  sqlite3: ['dbshell'],
  startproject: ['init'],
  startapp: ['init', 'makemigrations'],
  stats: ['sessionstats'],
  status: ['showmigrations', 'check'],
  superuser: ['createsuperuser'],
  suspend: ['deactivateuser'],
  syncdb: ['migrate'],
  test: [],
  tokens: ['listtokens'],
  unban: ['activateuser'],
  unblock: ['activateuser', 'unlockuser'],
  unlock: ['unlockuser', 'activateuser'],
  update: ['edituser', 'migrate'],
  user: ['showuser', 'listusers'],
  useradd: ['createuser', 'createsuperuser'],
  userdel: ['deleteuser', 'deactivateuser'],
  usermod: ['edituser'],
  users: ['listusers'],
  validate: ['check'],
  verify: ['checkpassword', 'check'],
  who: ['listsessions', 'whocan'],
  whoami: ['showuser', 'print_user_for_session'],
};

/** Commands of Django and of sites that have no counterpart here, with the reason. */
const absent: Readonly<Record<string, string>> = {
  collectstatic: 'Static files are the site’s own business.',
  routes: 'Only the site knows its addresses.',
  runserver: 'The site is started by its own manage.py, or as a Node server.',
  serve: 'The site is started by its own manage.py, or as a Node server.',
  show_urls: 'Only the site knows its addresses.',
  test: 'Tests of a project are run by Node: `node --test`.',
};

/** Commands that take data or rights away: no misspelt word stands for one, unless it is nearly its name. */
const destructive = new Set([
  'clear_models',
  'deletegroup',
  'deleteuser',
  'eraseuser',
  'flush',
  'mergeusers',
  'offboard',
  'populate_db',
  'prune',
  'remove_stale_contenttypes',
  'reset2fa',
  'reset_db',
  'revoke',
  'revokesessions',
  'revoketokens',
  'set_fake_emails',
  'set_fake_passwords',
  'sqlclear',
]);

const plain = (word: string) => word.toLowerCase().replace(/[-_:. ]/g, '');
const byPlainName = new Map(Object.entries(table).map(([word, names]) => [plain(word), names]));

export interface Suggestions {
  /** Commands that are there, the likeliest first. */
  readonly names: readonly string[];
  /** Why there is none of that kind. */
  readonly reason: string | undefined;
}

/**
 * Commands that somebody may mean who typed `word`: by what other tools call it, else by spelling. Commands that destroy are
 * only named for what others call them, or where a letter or two are wrong.
 */
export function suggestCommands(
  word: string,
  known: readonly string[],
  closest: (word: string, among: readonly string[], atLeast: number) => readonly string[],
): Suggestions {
  const exact = known.filter((name) => plain(name) === plain(word));
  const named = (byPlainName.get(plain(word)) ?? []).filter((name) => known.includes(name));
  const reason = Object.hasOwn(absent, word) ? absent[word] : undefined;
  if (exact.length > 0 || named.length > 0 || reason !== undefined) {
    return { names: [...new Set([...exact, ...named])], reason };
  }
  const harmless = known.filter((name) => !destructive.has(name));
  const near = new Set([...closest(word, harmless, 0.7), ...closest(word, known, 0.85)]);
  return { names: closest(word, [...near], 0.6).slice(0, 3), reason: undefined };
}
