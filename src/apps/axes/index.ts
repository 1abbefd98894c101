import { createHash } from 'node:crypto';
import { selectRows } from '../../db/write/rows.js';
import { defineApp } from '../../registry/define.js';
import { defineCredentials, type SessionPlace } from '../define.js';
import { daysBefore, step } from '../steps.js';

/** django-axes 5.0 to 8.3 axes/models.py. */
const app = defineApp({
  label: 'axes',
  verboseName: 'Axes',
  models: {
    AccessFailureLog: {
      verboseName: 'access failure',
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        user_agent: { type: 'CharField', maxLength: 255, dbIndex: true, verboseName: 'User Agent' },
        ip_address: { type: 'GenericIPAddressField', dbIndex: true, null: true, verboseName: 'IP Address' },
        username: { type: 'CharField', maxLength: 255, dbIndex: true, null: true, verboseName: 'Username' },
        http_accept: { type: 'CharField', maxLength: 1025, verboseName: 'HTTP Accept' },
        path_info: { type: 'CharField', maxLength: 255, verboseName: 'Path' },
        attempt_time: { type: 'DateTimeField', blank: true, default: { computed: 'now' }, verboseName: 'Attempt Time' },
        locked_out: { type: 'BooleanField', blank: true, default: { value: false }, verboseName: 'Access lock out' },
      },
    },
    AccessAttempt: {
      uniqueTogether: [['username', 'ip_address', 'user_agent']],
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        user_agent: { type: 'CharField', maxLength: 255, dbIndex: true, verboseName: 'User Agent' },
        ip_address: { type: 'GenericIPAddressField', dbIndex: true, null: true, verboseName: 'IP Address' },
        username: { type: 'CharField', maxLength: 255, dbIndex: true, null: true, verboseName: 'Username' },
        http_accept: { type: 'CharField', maxLength: 1025, verboseName: 'HTTP Accept' },
        path_info: { type: 'CharField', maxLength: 255, verboseName: 'Path' },
        attempt_time: { type: 'DateTimeField', blank: true, default: { computed: 'now' }, verboseName: 'Attempt Time' },
        get_data: { type: 'TextField', verboseName: 'GET Data' },
        post_data: { type: 'TextField', verboseName: 'POST Data' },
        failures_since_start: { type: 'PositiveIntegerField', verboseName: 'Failed Logins' },
      },
    },
    AccessLog: {
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        user_agent: { type: 'CharField', maxLength: 255, dbIndex: true, verboseName: 'User Agent' },
        ip_address: { type: 'GenericIPAddressField', dbIndex: true, null: true, verboseName: 'IP Address' },
        username: { type: 'CharField', maxLength: 255, dbIndex: true, null: true, verboseName: 'Username' },
        http_accept: { type: 'CharField', maxLength: 1025, verboseName: 'HTTP Accept' },
        path_info: { type: 'CharField', maxLength: 255, verboseName: 'Path' },
        attempt_time: { type: 'DateTimeField', blank: true, default: { computed: 'now' }, verboseName: 'Attempt Time' },
        session_hash: {
          type: 'CharField',
          maxLength: 64,
          blank: true,
          default: { value: '' },
          verboseName: 'Session key hash (sha256)',
        },
        logout_time: { type: 'DateTimeField', null: true, blank: true, verboseName: 'Logout Time' },
      },
    },
    AccessAttemptExpiration: {
      verboseName: 'access attempt expiration',
      fields: {
        access_attempt: {
          type: 'OneToOneField',
          to: 'axes.accessattempt',
          onDelete: 'CASCADE',
          primaryKey: true,
          verboseName: 'Access Attempt',
        },
        expires_at: { type: 'DateTimeField', null: true, blank: true, verboseName: 'Expires At' },
      },
    },
  },
});

/** `axes_reset_logs` and `axes_reset_failure_logs`, with their `--age 30`. */
const logAge = 30;

export default defineCredentials({
  package: 'django-axes',
  app,
  optional: ['AccessFailureLog', 'AccessAttemptExpiration', 'AccessLog.session_hash'],
  personal: ['AccessFailureLog', 'AccessAttempt', 'AccessAttemptExpiration', 'AccessLog'],
  async sessions({ connection, has, model: modelOf }, keys) {
    const places = new Map<string, SessionPlace>();
    if (!has('AccessLog', 'session_hash')) return places;
    for (const key of keys) {
      const hash = createHash('sha256').update(key).digest('hex');
      const where = { session_hash: hash };
      const options = { fields: ['ip_address', 'user_agent'], lenient: true };
      for (const row of await selectRows(connection, modelOf('AccessLog'), where, options)) {
        places.set(key, { address: String(row.ip_address ?? ''), browser: String(row.user_agent ?? '') });
      }
    }
    return places;
  },
  // AXES_FAILURE_LIMIT is 3 by default.
  lockouts: {
    model: 'AccessAttempt',
    username: 'username',
    address: 'ip_address',
    failures: 'failures_since_start',
    time: 'attempt_time',
    limit: 3,
  },
  prune: [
    {
      name: 'axes',
      commands: ['axes_reset_logs', 'axes_reset_failure_logs'],
      steps: (tables, { now, logAge: age = logAge }) =>
        ['AccessLog', 'AccessFailureLog']
          .filter((model) => tables.has(model))
          .map((model) => step(tables, model, [['attempt_time', '<=', daysBefore(now, age)]])),
    },
  ],
});
