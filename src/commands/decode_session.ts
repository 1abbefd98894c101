import { defineCommand } from '../command.js';
import { maxLength } from '../crypto/signing/limits.js';
import { reportSession, reportSessionText } from '../sessions/admin/report.js';
import { parseSessionInput } from '../sessions/codec/input.js';
import { assertKey } from '../sessions/store/store.js';
import { readStdin } from '../ui/stdin.js';
import { sessionReportDocument, sessionText } from './reports/session.js';
import { database } from './shared/options.js';
import { selectionContext } from './shared/sessions/selectors.js';

export default defineCommand({
  describe: 'Show the data of a session, its signature, and whether Django would accept it.',
  positionals: {
    session: {
      required: true,
      describe: 'Session key, session data or a whole cookie; - reads from standard input.',
    },
  },
  options: { ...database },
  examples: [
    ['manage decode_session 2b1189a1', 'A session in the database.'],
    [
      'manage decode_session eyJjb3VudCI6Nn0:1vo7HW:KVvTHrXtGLA-5R-QYZaS3A-QW7dw6nGTVfpv14a8UCo',
      'Session data; needs no database.',
    ],
    ['manage decode_session - < cookie.txt', 'A cookie in a file, hidden from process lists.'],
  ],
  async run(context, { session: given, database: alias }) {
    const { settings, terminal } = context;
    const text = given === '-' ? await readStdin(context, 2 * maxLength) : given;
    const input = parseSessionInput(text, settings.session.cookieName);
    const keys = selectionContext(context);
    const connectFor = (key: string) => {
      assertKey(key);
      return context.connect(alias);
    };
    const report =
      input.kind === 'key'
        ? await reportSession(await connectFor(input.key), input.key, keys)
        : reportSessionText(input.text, { ...keys, timeZone: settings.timeZone });
    await terminal.write(sessionText(report, terminal));
    return { json: sessionReportDocument(report), exitCode: report.session.verified === false ? 1 : 0 };
  },
});
