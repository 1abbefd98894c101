import { type Permission, readPermissions } from '../auth/permissions/catalogue.js';
import { defineCommand } from '../command.js';
import { CommandError } from '../errors.js';
import { counted, didYouMean } from '../text.js';
import { formatOption, onePage, writeListing } from './shared/listing.js';
import { database } from './shared/options.js';

const matches = (label: string) => {
  const [app, model] = label.toLowerCase().split('.');
  return (each: Permission) => each.app.toLowerCase() === app && (model === undefined || each.model === model);
};

export default defineCommand({
  describe: 'List the permissions of models.',
  positionals: {
    label: {
      variadic: true,
      describe: 'An app or a model: blog, auth.User. By default all but those of Django itself.',
    },
  },
  options: {
    ...database,
    all: { type: 'boolean', describe: 'Also those of admin, auth, contenttypes and sessions.' },
    appLabel: { type: 'string', placeholder: 'APP', describe: 'Only those of this app.' },
    ...formatOption,
  },
  async run({ connect, terminal }, { database: alias, label, all, appLabel, format }) {
    const permissions = await readPermissions(await connect(alias));
    const labels = [...label, ...(appLabel === undefined ? [] : [appLabel])];
    for (const name of labels) {
      if (permissions.some(matches(name))) continue;
      const known = permissions.flatMap(({ app, model }) => [app, `${app}.${model}`]);
      throw new CommandError(`There are no permissions of '${name}'.`, {
        code: 'unknown_label',
        hint: didYouMean(name, new Set(known)) ?? 'Name an app, or a model as app.model.',
      });
    }
    const django = ['admin', 'auth', 'contenttypes', 'sessions'];
    const shown = permissions.filter((each) =>
      labels.length > 0 ? labels.some((name) => matches(name)(each)) : all || !django.includes(each.app),
    );
    const { result, count } = await writeListing(terminal, format, {
      key: 'permissions',
      pages: onePage(shown),
      columns: [
        { heading: 'permission', flexible: true, cell: (each) => each.label },
        { heading: 'model', cell: ({ app, model }) => `${app}.${model}` },
        { heading: 'name', flexible: true, cell: ({ name }) => name },
      ],
    });
    if (count !== undefined) terminal.note(`${counted(count, 'permission')}.`);
    if (count === 0 && labels.length === 0) terminal.note("Use --all to see those of Django's own apps.");
    return result;
  },
});
