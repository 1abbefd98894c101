import { defineCommand } from '../command.js';
import { CommandError } from '../errors.js';
import { knownNames } from '../text.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: "Run the database's own command-line client.",
  json: false,
  positionals: { parameters: { variadic: true, describe: 'Arguments for the client, after --.' } },
  options: database,
  examples: [
    ['manage dbshell', 'Type SQL.'],
    ['manage dbshell -- -c "SELECT count(*) FROM auth_user"', 'Pass an argument to psql.'],
    ['manage dbshell -- "SELECT count(*) FROM auth_user"', 'The same with sqlite3.'],
    ['manage sqlflush | manage dbshell', 'Run the SQL of another command; stops at the first error.'],
  ],
  async run({ settings, terminal, stdin, env, cwd, ignoringInterrupts }, { database: alias, parameters }) {
    const parsed = settings.databases[alias];
    if (parsed === undefined)
      throw new CommandError(`There is no database '${alias}' in the settings.`, {
        code: 'unknown_database',
        hint: knownNames(alias, Object.keys(settings.databases)),
      });
    const { clientProgram } = await import('../db/connect/client-program.js');
    const { runProgram } = await import('../db/connect/run-program.js');
    const {
      program,
      args,
      env: added,
    } = await clientProgram(parsed, {
      args: parameters,
      stopAtError: !('isTTY' in stdin && stdin.isTTY === true),
    });
    await ignoringInterrupts(() =>
      runProgram(
        { program, args },
        {
          cwd: cwd(),
          env: { ...env, ...added },
          stdin,
          write: (bytes) => terminal.write(bytes),
          warn: (text) => terminal.warn(text.trimEnd()),
        },
      ),
    );
    return undefined;
  },
});
