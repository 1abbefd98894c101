import { makeResetLink, refusalsOf } from '../auth/accounts/reset-link.js';
import { defineCommand } from '../command.js';
import { byOption, findPerson, keyOf, nameOf, userPositional } from './shared/accounts/people.js';
import { age, database } from './shared/options.js';
import { requireSecretKey } from './shared/secret-key.js';

export default defineCommand({
  describe: 'Create a password reset link for the Django site.',
  positionals: userPositional,
  options: {
    ...database,
    ...byOption,
    baseUrl: {
      type: 'string',
      placeholder: 'URL',
      describe: 'URL of the site, such as https://example.org, with the path of its account pages if not /accounts.',
    },
    style: {
      type: 'string',
      choices: ['django', 'allauth'],
      default: 'django',
      describe: 'Whose reset pages the link opens.',
    },
    timeout: {
      ...age.age,
      placeholder: 'SECONDS',
      describe: "The site's PASSWORD_RESET_TIMEOUT; three days by default.",
    },
    force: { type: 'boolean', describe: "Create a link even where Django's own form would send none." },
  },
  examples: [
    [
      'manage resetlink ada --base-url https://example.org',
      'Anyone with the link can set the password: send it only to the user.',
    ],
  ],
  async run(context, { database: alias, user: name, by, baseUrl, style, timeout, force }) {
    const { terminal, settings, now } = context;
    const secretKey = requireSecretKey(settings, 'sign the link with');
    const connection = await context.connect(alias);
    const user = await findPerson(connection, name, by);
    const link = await makeResetLink(connection, user, {
      secretKey,
      timeZone: settings.timeZone,
      now: now(),
      style: style === 'allauth' ? 'allauth' : 'django',
      force,
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...(timeout === undefined ? {} : { timeout }),
    });
    for (const reason of refusalsOf(connection, user)) terminal.warn(`Django's own form would have refused. ${reason}`);
    await terminal.write(`${link.url}\n`);
    terminal.note(
      `It can be used once, until ${link.expires.replace('T', ' ').slice(0, 16)} UTC, the next login, or another address.`,
    );
    return { json: { ...link, username: nameOf(connection, user), pk: keyOf(connection, user) } };
  },
});
