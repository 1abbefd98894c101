import type { Faker } from '@faker-js/faker';
import type { Value } from '../../db/dialect/dialect.js';
import { timestampOf } from '../../db/values/moments.js';

/** What Django's admin writes about a change: flag and message (Django 5.2 contrib/admin/utils.py). */
const actions = [
  [1, '[{"added": {}}]'],
  [2, '[{"changed": {"fields": ["Email address"]}}]'],
  [2, '[{"changed": {"fields": ["Active"]}}]'],
  [2, '[{"changed": {"fields": ["First name", "Last name"]}}]'],
] as const;

export interface LoggedUser {
  readonly pk: Value;
  readonly name: string;
}

/** Columns of {@link makeLogEntry}, by field name. */
export const logFields = [
  'action_time',
  'user',
  'content_type',
  'object_id',
  'object_repr',
  'action_flag',
  'change_message',
] as const;

/** An entry of the admin's log: somebody has changed somebody's account. */
export function makeLogEntry(
  faker: Faker,
  {
    users,
    contentType,
    now,
  }: { readonly users: readonly LoggedUser[]; readonly contentType: Value; readonly now: Date },
): Value[] {
  const author = faker.helpers.arrayElement(users);
  const subject = faker.helpers.arrayElement(users);
  const [flag, message] = faker.helpers.arrayElement(actions);
  const time = new Date(now.getTime() - faker.number.int({ min: 0, max: 90 * 86_400_000 }));
  return [timestampOf(time), author.pk, contentType, String(subject.pk), subject.name.slice(0, 200), flag, message];
}
