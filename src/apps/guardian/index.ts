import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';
import { orphanSteps } from './orphans.js';

/** django-guardian 2.4 to 3.3 guardian/models/models.py. */
const app = defineApp({
  label: 'guardian',
  verboseName: 'Guardian',
  models: {
    UserObjectPermission: {
      uniqueTogether: [['user', 'permission', 'object_pk']],
      indexes: [{ name: 'guardian_us_content_179ed2_idx', fields: ['content_type', 'object_pk'] }],
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        permission: { type: 'ForeignKey', to: 'auth.permission', onDelete: 'CASCADE' },
        content_type: { type: 'ForeignKey', to: 'contenttypes.contenttype', onDelete: 'CASCADE' },
        object_pk: { type: 'CharField', maxLength: 255, verboseName: 'object ID' },
        user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE' },
      },
    },
    GroupObjectPermission: {
      uniqueTogether: [['group', 'permission', 'object_pk']],
      indexes: [{ name: 'guardian_gr_content_ae6aec_idx', fields: ['content_type', 'object_pk'] }],
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        permission: { type: 'ForeignKey', to: 'auth.permission', onDelete: 'CASCADE' },
        content_type: { type: 'ForeignKey', to: 'contenttypes.contenttype', onDelete: 'CASCADE' },
        object_pk: { type: 'CharField', maxLength: 255, verboseName: 'object ID' },
        group: { type: 'ForeignKey', to: 'auth.group', onDelete: 'CASCADE' },
      },
    },
  },
});

export default defineCredentials({
  package: 'django-guardian',
  app,
  prune: [{ name: 'guardian', commands: ['clean_orphan_obj_perms'], steps: orphanSteps }],
});
