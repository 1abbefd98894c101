import { cleanInput, type InputPlace, type UserField, userField } from '../../auth/accounts/user-input.js';
import { userModelOf } from '../../auth/accounts/user-model.js';
import type { Links } from '../../auth/permissions/links.js';
import type { Context, ModelArguments, Options } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import type { Row } from '../../db/write/rows.js';
import { CommandError, UsageError } from '../../errors.js';
import type { Registry } from '../../registry/types.js';

/** Options named after the user name and the required fields, as Django has them, and after `others` that there are. */
export function userOptions(registry: Registry, whose: string, others: readonly string[] = []): Options {
  const { model, auth, username } = userModelOf(registry);
  const options: Record<string, Options[string]> = {
    [username.name]: { type: 'string', describe: `The ${username.verboseName} of ${whose}.` },
  };
  const more = others.filter((name) => model.fields.some((field) => field.name === name));
  for (const name of [...auth.requiredFields, ...more]) {
    const relation = model.manyToMany.find((each) => each.name === name);
    const { verboseName } = relation ?? userField({ registry }, name).field ?? { verboseName: name };
    options[name] =
      relation === undefined
        ? { type: 'string', describe: `The ${verboseName} of ${whose}.` }
        : { type: 'list', describe: `A key for the ${verboseName} of ${whose}.` };
  }
  return options;
}

/** Values that were given, by field; those of `--field` come last. */
export function givenValues(
  connection: Pick<Connection, 'registry'>,
  modelArguments: ModelArguments,
  fields: readonly string[],
  refused: readonly string[],
): Map<string, string | readonly string[]> {
  const given = new Map<string, string | readonly string[]>();
  for (const [name, value] of Object.entries(modelArguments)) {
    if (typeof value === 'string' || Array.isArray(value)) given.set(name, value);
  }
  const { model, password } = userModelOf(connection.registry);
  for (const assignment of fields) {
    const [, name, value] = /^([^=]+)=([\s\S]*)$/.exec(assignment) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError('argument --field: a value has the form name=value');
    }
    if (name === password.name) {
      throw new UsageError('A password is never given as an option: other users of this machine could read it.', {
        hint: 'Use --password-stdin or --password-file.',
      });
    }
    if (refused.includes(name) || (name === model.primaryKey.name && /AutoField$/.test(model.primaryKey.type))) {
      throw new UsageError(`argument --field: '${name}' is set by this command.`);
    }
    userField(connection, name);
    if (given.has(name)) throw new UsageError(`argument --field: '${name}' is given twice.`);
    given.set(name, value);
  }
  return given;
}

/** What was gathered about a user. */
export interface Collected {
  readonly values: Row;
  readonly links: Record<string, readonly Value[]> & Links;
}

/** Cleans one value and adds it; resolves with what is wrong with it, if anything is. */
export async function collect(
  place: InputPlace,
  collected: Collected,
  field: UserField,
  text: string | readonly string[],
  options: { readonly taken?: boolean } = {},
): Promise<readonly string[] | undefined> {
  const { value, keys, problems } = await cleanInput(place, field, text, options);
  if (problems !== undefined) return problems;
  if (keys === undefined) collected.values[field.name] = value;
  else collected.links[field.name] = keys;
  return undefined;
}

/** As {@link collect}. @throws CommandError that names the field and says what is wrong with the value. */
export async function collectGiven(
  place: InputPlace,
  collected: Collected,
  name: string,
  text: string | readonly string[],
  options: { readonly taken?: boolean } = {},
): Promise<void> {
  const field = userField(place.connection, name);
  const problems = await collect(place, collected, field, text, options);
  if (problems === undefined) return;
  throw badValue(name, problems);
}

/** The error for a value that a field cannot have. */
export function badValue(name: string, problems: readonly string[]): CommandError {
  return new CommandError(problems.join('; '), { code: 'bad_value', hint: `This is about the field '${name}'.` });
}

/** Where a command's values go. */
export function inputPlace({ settings }: Pick<Context, 'settings'>, connection: Connection): InputPlace {
  return { connection, timeZone: settings.timeZone };
}
