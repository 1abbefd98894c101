import { defineCommand } from '../command.js';
import { grantOptions, grantPositionals, runGrant } from './shared/rights/granting.js';

export default defineCommand({
  describe: 'Revoke permissions from users and groups.',
  positionals: grantPositionals,
  options: grantOptions,
  examples: [["manage revoke 'blog.delete_*' --group editors", 'All of a kind.']],
  run: (context, args) => runGrant(context, args, 'revoke'),
});
