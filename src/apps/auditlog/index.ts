import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';
import { daysBefore, step } from '../steps.js';

/** django-auditlog 2.0 to 3.2 auditlog/models.py. */
const app = defineApp({
  label: 'auditlog',
  verboseName: 'Audit log',
  models: {
    LogEntry: {
      verboseNamePlural: 'log entries',
      ordering: ['-timestamp'],
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        content_type: { type: 'ForeignKey', to: 'contenttypes.contenttype', onDelete: 'CASCADE' },
        object_pk: { type: 'CharField', maxLength: 255, dbIndex: true },
        object_id: { type: 'BigIntegerField', dbIndex: true, null: true, blank: true },
        object_repr: { type: 'TextField', verboseName: 'object representation' },
        serialized_data: { type: 'JSONField', null: true },
        action: { type: 'PositiveSmallIntegerField', dbIndex: true },
        changes_text: { type: 'TextField', blank: true, verboseName: 'change message' },
        changes: { type: 'JSONField', null: true, verboseName: 'change message' },
        actor: { type: 'ForeignKey', to: 'auth.user', onDelete: 'SET_NULL', null: true, blank: true },
        cid: {
          type: 'CharField',
          maxLength: 255,
          dbIndex: true,
          null: true,
          blank: true,
          verboseName: 'Correlation ID',
        },
        remote_addr: { type: 'GenericIPAddressField', null: true, blank: true, verboseName: 'remote address' },
        remote_port: { type: 'PositiveIntegerField', null: true, blank: true },
        timestamp: { type: 'DateTimeField', dbIndex: true, default: { computed: 'now' } },
        additional_data: { type: 'JSONField', null: true, blank: true },
        actor_email: { type: 'CharField', maxLength: 254, null: true, blank: true },
      },
    },
  },
});

export default defineCredentials({
  package: 'django-auditlog',
  app,
  optional: [
    'LogEntry.serialized_data',
    'LogEntry.changes_text',
    'LogEntry.cid',
    'LogEntry.remote_port',
    'LogEntry.actor_email',
  ],
  personal: ['LogEntry'],
  prune: [
    {
      name: 'auditlog',
      commands: ['auditlogflush'],
      onRequest: true,
      steps: (tables, { now, logAge }) => [
        step(tables, 'LogEntry', [['timestamp', '<', daysBefore(now, logAge ?? 365)]]),
      ],
    },
  ],
});
