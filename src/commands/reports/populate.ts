import { CommandError } from '../../errors.js';
import { counted } from '../../text.js';

/** What is made where nothing is. */
export const nothingMade = { users: 0, groups: 0, memberships: 0, permissions: 0, sessions: 0, logEntries: 0 };

type Wanted = ReturnType<typeof wantedRows>;

interface Numbers {
  readonly users?: number | undefined;
  readonly groups?: number | undefined;
  readonly sessions?: number | undefined;
  readonly logEntries?: number | undefined;
}

/** How many rows the seeds of this package are to make; none of what none of them makes. */
export function wantedRows(given: Numbers, seeds: readonly { readonly name: string }[], hasKey: boolean) {
  const has = (name: string) => seeds.some((seed) => seed.name === name);
  const users = given.users ?? 100;
  return {
    users: has('users') ? users : 0,
    groups: has('groups') ? (given.groups ?? 10) : 0,
    sessions: has('sessions') ? (given.sessions ?? (hasKey ? Math.floor(users / 2) : 0)) : 0,
    logEntries: has('log_entries') ? (given.logEntries ?? Math.min(users, 1000)) : 0,
  };
}

/** How many rows of what are asked for. */
const describeRows = ({ users, groups, sessions, logEntries }: Wanted) =>
  `${counted(users, 'user')}, ${counted(groups, 'group')}, ` +
  `${counted(sessions, 'session')} and ${counted(logEntries, 'log entry', 'log entries')}`;

/** What the seeds are to write: the rows of those of this package, and the project's own by name. */
export const seedLines = (wanted: Wanted | undefined, names: readonly string[]) => [
  ...(wanted === undefined ? [] : [`    ${describeRows(wanted)}`]),
  ...names.map((name) => `    what the seed '${name}' writes`),
];

/** How many rows of what were made. */
export const describeMade = (made: typeof nothingMade) =>
  `${counted(made.users, 'user')}, ${counted(made.groups, 'group')}, ` +
  `${counted(made.memberships, 'membership')}, ${counted(made.permissions, 'permission link')}, ` +
  `${counted(made.sessions, 'session')} and ${counted(made.logEntries, 'log entry', 'log entries')}`;

/** What was made up is there, and would be made once more by the same command. */
export function notSeeded({ message, code, hint = '', cause }: CommandError, added: string, left: readonly string[]) {
  const each = left.map((name) => `\`--only ${name}\``).join(', then ');
  return new CommandError(message, {
    code,
    hint: `${hint} Before it, ${added} were added: go on with ${each}.`.trimStart(),
    cause,
  });
}
