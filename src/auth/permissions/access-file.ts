import { CommandError } from '../../errors.js';
import { reasonOf } from '../../text.js';

/** Groups with their rights, as a file has them. */
export interface AccessFile {
  readonly groups: readonly AccessGroup[];
}

export interface AccessGroup {
  readonly name: string;
  /** What the group was called before: it is renamed where only that is there. */
  readonly was?: string;
  /** `app.model.codename`. */
  readonly permissions: readonly string[];
  /** User names; without them nobody's membership is touched. */
  readonly members?: readonly string[];
}

const wrong = (message: string) =>
  new CommandError(message, {
    code: 'bad_access_file',
    hint: 'It has `groups`, each with `name`, `permissions` and, where that is wanted, `members` and `was`.',
  });

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function texts(value: unknown, where: string): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((each) => typeof each === 'string' || typeof each === 'number'))
    return value.map(String);
  throw wrong(`${where} is not a list of names.`);
}

/**
 * Reads what {@link formatAccess} writes, and the same written by hand: YAML or JSON.
 *
 * @throws CommandError of code `bad_access_file`.
 */
export async function parseAccess(text: string): Promise<AccessFile> {
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    // A warning would go past the terminal, with the line that it is about.
    value = parse(text, { schema: 'core', maxAliasCount: 100, logLevel: 'error' });
  } catch (cause) {
    throw new CommandError(`The file is neither YAML nor JSON: ${reasonOf(cause)}`, {
      code: 'bad_access_file',
      cause,
    });
  }
  if (!isRecord(value) || !Array.isArray(value.groups)) throw wrong('The file has no list of `groups`.');
  const unknown = Object.keys(value).find((key) => key !== 'groups');
  if (unknown !== undefined) throw wrong(`The file has '${unknown}', which means nothing here.`);
  const groups = value.groups.map((group: unknown, at): AccessGroup => {
    if (!isRecord(group) || typeof group.name !== 'string' || group.name === '')
      throw wrong(`Group ${at + 1} has no name.`);
    const stray = Object.keys(group).find((key) => !['name', 'was', 'permissions', 'members'].includes(key));
    if (stray !== undefined) throw wrong(`The group '${group.name}' has '${stray}', which means nothing here.`);
    return {
      name: group.name,
      permissions: texts(group.permissions, `\`permissions\` of the group '${group.name}'`),
      ...(typeof group.was === 'string' ? { was: group.was } : {}),
      ...(group.members === undefined
        ? {}
        : { members: texts(group.members, `\`members\` of the group '${group.name}'`) }),
    };
  });
  const twice = groups.find(({ name }, at) => groups.findIndex((each) => each.name === name) !== at);
  if (twice !== undefined) throw wrong(`The group '${twice.name}' is there twice.`);
  return { groups };
}

/** A name as YAML, quoted where it could be taken for something else. */
const yamlText = (text: string) =>
  /^[A-Za-z_][\w@.+ -]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text) && text === text.trim()
    ? text
    : JSON.stringify(text);

/** Groups and rights as text, one permission a line, so that a change is one line of a diff. */
export function formatAccess({ groups }: AccessFile, format: 'yaml' | 'json'): string {
  if (format === 'json') return `${JSON.stringify({ groups }, undefined, 2)}\n`;
  if (groups.length === 0) return 'groups: []\n';
  const list = (name: string, items: readonly string[]) =>
    items.length === 0 ? [`    ${name}: []`] : [`    ${name}:`, ...items.map((item) => `      - ${yamlText(item)}`)];
  const lines = groups.flatMap(({ name, permissions, members }) => [
    `  - name: ${yamlText(name)}`,
    ...list('permissions', permissions),
    ...(members === undefined ? [] : list('members', members)),
  ]);
  return ['groups:', ...lines, ''].join('\n');
}
