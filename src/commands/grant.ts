import { defineCommand } from '../command.js';
import { grantOptions, grantPositionals, runGrant } from './shared/rights/granting.js';

export default defineCommand({
  describe: 'Grant permissions to users and groups.',
  positionals: grantPositionals,
  options: grantOptions,
  examples: [
    ['manage grant blog.publish_post --group editors --user ada', 'Permissions that they already have are skipped.'],
  ],
  run: (context, args) => runGrant(context, args, 'grant'),
});
