import { relative } from 'node:path';
import { defineCommand } from '../command.js';
import { CommandError } from '../errors.js';
import { draftMigration, type MigrationDraft, ownApps, writeDraft } from '../schema/make-migrations.js';
import { noInput } from './shared/options.js';

export default defineCommand({
  describe: 'Write migrations for model changes that no migration makes yet.',
  positionals: { appLabel: { variadic: true, describe: 'Apps of this project; by default all.' } },
  options: {
    name: { type: 'string', short: 'n', placeholder: 'NAME', describe: 'Name of the migration, after its number.' },
    dryRun: { type: 'boolean', describe: 'Print the migrations, and write nothing.' },
    check: { type: 'boolean', describe: 'Exit with 1 if a migration is missing, and write nothing.' },
    ...noInput,
  },
  examples: [
    ['manage makemigrations club', 'Write migrations/club/0001_initial.ts, or the next one: a draft to review.'],
    ['manage makemigrations --check', 'For CI: fails if a migration is missing.'],
  ],
  async run({ settings, registry, terminal }, { appLabel, name, dryRun, check }) {
    if (settings.configFile === undefined) {
      throw new CommandError('There is no project here.', {
        code: 'no_project',
        hint: 'Make a manage.config.ts first, and name your apps in `apps`: `manage init` makes a small project.',
      });
    }
    if (name !== undefined && !/^\w+$/.test(name)) {
      throw new CommandError(`'${name}' is not a valid name for a migration.`, {
        code: 'bad_name',
        hint: 'Use letters, digits and _.',
      });
    }
    const project = { settings, registry };
    const drafts: MigrationDraft[] = [];
    for (const app of appLabel.length > 0 ? new Set(appLabel) : ownApps(project)) {
      const draft = await draftMigration(project, app, { name });
      if (draft !== undefined) drafts.push(draft);
    }
    if (drafts.length === 0) terminal.say('No changes detected');
    for (const draft of drafts) {
      const app = draft.key.slice(0, draft.key.indexOf('.'));
      terminal.say(terminal.style.heading(`Migrations for '${app}':`));
      terminal.say(`  ${relative(settings.root, draft.file)}`);
      for (const change of draft.changes) terminal.say(`    ${change}`);
      if (dryRun) await terminal.write(draft.text);
      else if (!check) await writeDraft(draft);
      for (const doubt of draft.doubts) terminal.warn(`To decide before it is run: ${doubt}.`);
    }
    const migrations = drafts.map(({ key, file, changes, doubts }) => ({ key, file, changes, doubts }));
    return { json: { migrations, written: !dryRun && !check }, exitCode: check && drafts.length > 0 ? 1 : 0 };
  },
});
