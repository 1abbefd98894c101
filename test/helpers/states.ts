import { readFileSync } from 'node:fs';
import { type Catalogue, readCatalogue } from './catalogue.js';
import type { Engine, TestDatabase } from './databases.js';

/** What a database holds at one state of Django's migrations. Keys of rows are left out: at a state between, Django's differ. */
export interface State {
  readonly schema: Catalogue;
  /** `app.name`, in the order of recording. */
  readonly recorded: readonly string[];
  /** `app.model`, with the name behind it as long as there is a column for it; sorted. */
  readonly contentTypes: readonly string[];
  /** `app.model codename: name`; sorted. */
  readonly permissions: readonly string[];
}

/** Every state: after each migration forwards, then after each was undone, in the reverse order. */
export interface States {
  readonly order: readonly string[];
  readonly forwards: Readonly<Record<string, State>>;
  readonly backwards: Readonly<Record<string, State>>;
}

interface Rows {
  readonly contentTypes: readonly Record<string, unknown>[] | null;
  readonly permissions: readonly Record<string, unknown>[] | null;
}

export function stateOf(schema: Catalogue, recorded: readonly string[], rows: Rows): State {
  const types = rows.contentTypes ?? [];
  const labels = new Map(types.map((type) => [String(type.id), `${type.app_label}.${type.model}`]));
  const named = types.map((type) => `${type.app_label}.${type.model}${'name' in type ? ` '${type.name}'` : ''}`);
  const permissions = (rows.permissions ?? []).map(
    ({ content_type_id, codename, name }) => `${labels.get(String(content_type_id))} ${codename}: ${name}`,
  );
  return { schema, recorded, contentTypes: named.toSorted(), permissions: permissions.toSorted() };
}

export async function readState(db: TestDatabase): Promise<State> {
  const schema = await readCatalogue(db);
  const rows = async (table: string) =>
    `table ${table}` in schema || `column ${table} 1` in schema ? db.query(`SELECT * FROM ${table} ORDER BY id`) : null;
  const recorded = await db.query('SELECT app, name FROM django_migrations ORDER BY id');
  return stateOf(
    schema,
    recorded.map(({ app, name }) => `${app}.${name}`),
    { contentTypes: await rows('django_content_type'), permissions: await rows('auth_permission') },
  );
}

/** What one state has and the one before it has not (null: the other way round). */
type Step = Partial<Omit<State, 'schema'>> & { readonly schema?: Record<string, string | null> };
interface Packed {
  readonly order: readonly string[];
  readonly steps: readonly Step[];
}

const nothing: State = { schema: {}, recorded: [], contentTypes: [], permissions: [] };

function sequence({ order, forwards, backwards }: States): State[] {
  return [...order.map((key) => forwards[key]), ...order.toReversed().map((key) => backwards[key])].map(
    (state) => state ?? nothing,
  );
}

/** States as small as a file should be: each as its difference from the one before. */
export function packStates(states: States): Packed {
  let before = nothing;
  const steps = sequence(states).map((state): Step => {
    const schema: Record<string, string | null> = {};
    for (const object of new Set([...Object.keys(before.schema), ...Object.keys(state.schema)])) {
      if (state.schema[object] !== before.schema[object]) schema[object] = state.schema[object] ?? null;
    }
    const changed = (['recorded', 'contentTypes', 'permissions'] as const).filter(
      (key) => JSON.stringify(state[key]) !== JSON.stringify(before[key]),
    );
    before = state;
    return { schema, ...Object.fromEntries(changed.map((key) => [key, state[key]])) };
  });
  return { order: states.order, steps };
}

export function unpackStates({ order, steps }: Packed): States {
  let before = nothing;
  const states = steps.map((step) => {
    const schema = Object.fromEntries(
      Object.entries({ ...before.schema, ...step.schema }).flatMap(([object, text]) =>
        text === null ? [] : [[object, text]],
      ),
    );
    before = { ...before, ...step, schema };
    return before;
  });
  const named = (keys: readonly string[], from: number) =>
    Object.fromEntries(keys.map((key, index) => [key, states[from + index] ?? nothing]));
  return { order, forwards: named(order, 0), backwards: named(order.toReversed(), order.length) };
}

export const statesFile = (engine: Engine): URL => new URL(`../data/golden/states/${engine}.json`, import.meta.url);

/** The states that Django makes. */
export function goldenStates(engine: Engine): States {
  return unpackStates(JSON.parse(readFileSync(statesFile(engine), 'utf8')));
}
