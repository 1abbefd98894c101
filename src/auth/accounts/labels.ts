import { findField } from '../../registry/define.js';
import type { Model } from '../../registry/types.js';
import { capitalised } from '../python-text.js';

/**
 * What the admin's log calls a field or a relation: its label, and for the password, which has a form of its own there, its name.
 */
export function fieldLabel(model: Model, name: string): string {
  if (name === model.auth?.passwordField) return 'password';
  const found = findField(model, name) ?? model.manyToMany.find((relation) => relation.name === name);
  return capitalised(found?.verboseName ?? name);
}
