import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';

/** Django 5.2 contrib/sites/models.py. It holds no credentials: other apps refer to it. */
const app = defineApp({
  label: 'sites',
  verboseName: 'Sites',
  models: {
    Site: {
      table: 'django_site',
      ordering: ['domain'],
      naturalKey: ['domain'],
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        domain: { type: 'CharField', maxLength: 100, unique: true, verboseName: 'domain name' },
        name: { type: 'CharField', maxLength: 50, verboseName: 'display name' },
      },
    },
  },
});

export default defineCredentials({ package: 'django', app });
