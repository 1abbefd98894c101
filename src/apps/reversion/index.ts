import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';
import { type Conditions, daysBefore, step, through } from '../steps.js';

/** django-reversion 3.0 to 5.1 reversion/models.py: copies of rows, the hash of a password among them where users are registered. */
const app = defineApp({
  label: 'reversion',
  verboseName: 'Reversion',
  models: {
    Revision: {
      ordering: ['-pk'],
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        date_created: { type: 'DateTimeField', dbIndex: true },
        user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'SET_NULL', null: true, blank: true },
        comment: { type: 'TextField', blank: true },
      },
    },
    Version: {
      ordering: ['-pk'],
      uniqueTogether: [['db', 'content_type', 'object_id', 'revision']],
      indexes: [{ name: 'reversion_v_content_f95daf_idx', fields: ['content_type', 'db'] }],
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        revision: { type: 'ForeignKey', to: 'reversion.revision', onDelete: 'CASCADE' },
        object_id: { type: 'CharField', maxLength: 191 },
        content_type: { type: 'ForeignKey', to: 'contenttypes.contenttype', onDelete: 'CASCADE' },
        db: { type: 'CharField', maxLength: 191 },
        format: { type: 'CharField', maxLength: 255 },
        serialized_data: { type: 'TextField' },
        object_repr: { type: 'TextField' },
      },
    },
  },
});

export default defineCredentials({
  package: 'django-reversion',
  app,
  personal: ['Revision'],
  secrets: { Version: ['serialized_data'] },
  prune: [
    {
      name: 'reversion',
      commands: ['deleterevisions'],
      onRequest: true,
      steps: (tables, { now, logAge }) => {
        const before: Conditions = [['date_created', '<', daysBefore(now, logAge ?? 365)]];
        return [through(tables, 'Version', 'revision', 'Revision', before), step(tables, 'Revision', before)];
      },
    },
  ],
});
