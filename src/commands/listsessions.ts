import { defineCommand } from '../command.js';
import { selectedSessions } from '../sessions/admin/revoke.js';
import { counted } from '../text.js';
import { ownersOf, type SessionDocument, sessionDocument, sessionTable } from './reports/session-list.js';
import { database, limit } from './shared/options.js';
import { resolveSelection, selectionContext, selectors } from './shared/sessions/selectors.js';

export default defineCommand({
  describe: 'List sessions with their users.',
  positionals: { username: { placeholder: 'user', variadic: true, describe: 'User names, as with --user.' } },
  options: {
    ...database,
    ...selectors,
    showKeys: { type: 'boolean', describe: 'Show whole keys, which are as good as passwords.' },
    ...limit,
  },
  examples: [
    ['manage listsessions --user alice --active', 'Where alice is logged in.'],
    ['manage listsessions --staff --older-than 30', 'Sessions of staff, signed more than 30 days ago.'],
  ],
  async run(context, { username, ...given }) {
    const args = { ...given, user: [...given.user, ...username] };
    const { terminal, signal } = context;
    const { showKeys, limit = Number.POSITIVE_INFINITY } = args;
    const connection = await context.connect(args.database);
    const selection = await resolveSelection(context, connection, args);
    const documents: SessionDocument[] = [];
    let shown = 0;
    let warned = false;
    const textOf = sessionTable(terminal);
    const progress = terminal.progress('Reading sessions');
    const scan = { signal, onProgress: (seen: number) => progress.update(seen) };
    try {
      for await (const page of selectedSessions(connection, selection, selectionContext(context), scan)) {
        const some = page.slice(0, limit - shown);
        shown += some.length;
        const { users, elsewhere } = await ownersOf(connection, some);
        if (elsewhere !== undefined && !warned) terminal.warn(elsewhere);
        warned ||= elsewhere !== undefined;
        const found = some.map((session) => sessionDocument(session, users, showKeys));
        if (terminal.json) documents.push(...found);
        else await terminal.write(textOf(found, warned));
        if (shown >= limit) break;
      }
    } finally {
      progress.stop();
    }
    terminal.note(`${counted(shown, 'session')}.`);
    return { json: { sessions: documents } };
  },
});
