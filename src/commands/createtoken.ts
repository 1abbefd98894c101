import { tokensChanged } from '../apps/tokens.js';
import { writeLog } from '../audit/write.js';
import { defineCommand } from '../command.js';
import { repeatableTransaction } from '../db/transactions/transaction.js';
import { namedUser } from '../sessions/store/users.js';
import { byOption, findOwner, userPositional } from './shared/accounts/people.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { createWanted } from './shared/credentials/token-creation.js';
import { assertAllowed } from './shared/destructive.js';
import { age, allowProtected, database } from './shared/options.js';

const kinds = ['jwt', 'authtoken', 'knox'] as const;

export default defineCommand({
  describe: 'Create a token that lets a user in, and print it.',
  positionals: userPositional,
  options: {
    ...database,
    ...byOption,
    ...allowProtected,
    ...actorOptions,
    kind: {
      type: 'string',
      choices: kinds,
      default: 'jwt',
      describe: 'A JSON Web Token as simplejwt makes it, or a token of REST framework or knox.',
    },
    type: { type: 'string', choices: ['access', 'refresh'], default: 'access', describe: 'Type of JSON Web Token.' },
    ...age,
    claim: {
      type: 'list',
      placeholder: 'NAME=VALUE',
      describe: 'An additional claim; a VALUE that is JSON is parsed.',
    },
    replace: { type: 'boolean', describe: "Replace the user's REST framework token." },
  },
  examples: [
    [
      'curl -H "Authorization: Bearer $(manage createtoken alice)" https://example.org/api/',
      'Send a request as alice.',
    ],
    ['manage createtoken alice --kind authtoken --replace', 'Replace the token of a script.'],
  ],
  async run(context, args) {
    const connection = await context.connect(args.database, { writes: true });
    assertAllowed(connection, args.allowProtected);
    const owner = await findOwner(connection, args.user, args.by);
    const audit = await auditOf(context, connection, 'createtoken', args);
    const created = await repeatableTransaction(connection, async (bound) => {
      const token = await createWanted(context, bound, owner, args);
      await writeLog(bound, [tokensChanged(bound, owner)], audit);
      return token;
    });
    await context.terminal.write(`${created.token}\n`);
    return { json: { kind: args.kind, ...created, user: namedUser(owner.id, owner) } };
  },
});
