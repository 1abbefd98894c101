import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';
import { daysBefore, step } from '../steps.js';

/** django-allauth 0.50 to 65 allauth/account/models.py. */
const app = defineApp({
  label: 'account',
  verboseName: 'Accounts',
  models: {
    EmailAddress: {
      verboseNamePlural: 'email addresses',
      uniqueTogether: [['user', 'email']],
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE' },
        email: { type: 'EmailField', maxLength: 254, dbIndex: true, verboseName: 'email address' },
        verified: { type: 'BooleanField', default: { value: false } },
        primary: { type: 'BooleanField', default: { value: false } },
      },
    },
    EmailConfirmation: {
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        email_address: { type: 'ForeignKey', to: 'account.emailaddress', onDelete: 'CASCADE' },
        created: { type: 'DateTimeField', default: { computed: 'now' } },
        sent: { type: 'DateTimeField', null: true },
        key: { type: 'CharField', maxLength: 64, unique: true },
      },
    },
  },
});

/** Links that confirm an address let nobody in; with signed ones, the default, there are no rows of them. */
export const account = defineCredentials({
  package: 'django-allauth',
  app,
  personal: ['EmailAddress'],
  secrets: { EmailConfirmation: ['key'] },
  prune: [
    {
      name: 'emailconfirmations',
      // EmailConfirmationManager.delete_expired_confirmations, with ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3.
      steps: (tables, { now }) => [step(tables, 'EmailConfirmation', [['sent', '<', daysBefore(now, 3)]])],
    },
  ],
});
