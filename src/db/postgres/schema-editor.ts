import type { Executor } from '../connection.js';
import type { EditorOptions, SchemaEditor } from '../schema-editor.js';

/** Placeholder until the editor is written. */
export function createEditor(_executor: Executor, _options?: EditorOptions): SchemaEditor {
  throw new Error('The schema editor is not written yet.');
}
