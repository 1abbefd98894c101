import { CommandError } from '../../errors.js';
import type { AppDefinition, FieldDefinition, ModelDefinition, ModelOverride } from '../../registry/types.js';

/**
 * Definitions with what a project says about them, by label. Labels of apps that are not there are left: settings may be
 * about several databases.
 *
 * @throws CommandError for a model that the app does not have, or a field that the model does not have.
 */
export function overrideApps(
  apps: readonly AppDefinition[],
  overrides: Readonly<Record<string, ModelOverride>>,
): AppDefinition[] {
  const labels = apps.flatMap(({ label, models }) =>
    Object.keys(models).map((name) => `${label}.${name}`.toLowerCase()),
  );
  for (const label of Object.keys(overrides)) {
    const isOfApp = apps.some((app) => label.startsWith(`${app.label.toLowerCase()}.`));
    if (isOfApp && !labels.includes(label)) throw unknown(`model '${label}'`, label);
  }
  return apps.map((app) => ({
    ...app,
    models: Object.fromEntries(
      Object.entries(app.models).map(([name, model]) => {
        const label = `${app.label}.${name}`.toLowerCase();
        return [name, overrideModel(label, model, overrides[label])];
      }),
    ),
  }));
}

function overrideModel(label: string, model: ModelDefinition, override: ModelOverride | undefined): ModelDefinition {
  if (override === undefined) return model;
  const fields: Record<string, FieldDefinition> = { ...model.fields };
  for (const [name, changes] of Object.entries(override.fields ?? {})) {
    const field = fields[name];
    if (field === undefined) throw unknown(`field '${name}' of ${label}`, label);
    fields[name] = { ...field, ...changes };
  }
  return { ...model, ...override, fields };
}

function unknown(what: string, label: string): CommandError {
  return new CommandError(`The setting \`overrides\` names the ${what}, which is not in the database.`, {
    code: 'unknown_override',
    hint: `Run \`manage inspectdb\` to see what it has, and correct \`overrides\` at '${label}'.`,
  });
}
