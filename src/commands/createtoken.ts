import { defineCommand } from '../command.js';
import { byOption, findOwner, userPositional } from './shared/accounts/people.js';
import { createWanted } from './shared/credentials/token-creation.js';
import { assertAllowed } from './shared/destructive.js';
import { age, allowProtected, database } from './shared/options.js';

const kinds = ['jwt', 'authtoken', 'knox'] as const;

export default defineCommand({
  describe: 'Make a token that lets a user in, and print it.',
  positionals: userPositional,
  options: {
    ...database,
    ...byOption,
    ...allowProtected,
    kind: {
      type: 'string',
      choices: kinds,
      default: 'jwt',
      describe: 'A JSON Web Token as simplejwt makes it, or a token of REST framework or of knox.',
    },
    type: { type: 'string', choices: ['access', 'refresh'], default: 'access', describe: 'Which JSON Web Token.' },
    ...age,
    claim: {
      type: 'list',
      placeholder: 'NAME=VALUE',
      describe: 'A further claim; a VALUE that is JSON is taken as that.',
    },
    replace: { type: 'boolean', describe: "End the user's token of REST framework that is there." },
  },
  examples: [
    ['curl -H "Authorization: Bearer $(manage createtoken alice)" https://example.org/api/', 'a request as alice'],
    ['manage createtoken alice --kind authtoken --replace', 'a new token for a script of hers'],
  ],
  async run(context, args) {
    const connection = await context.connect(args.database, { writes: true });
    assertAllowed(connection, args.allowProtected);
    const owner = await findOwner(connection, args.user, args.by);
    const created = await createWanted(context, connection, owner, args);
    await context.terminal.write(`${created.token}\n`);
    return { json: { kind: args.kind, ...created, user: { id: owner.id, username: owner.username } } };
  },
});
