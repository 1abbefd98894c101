import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';
import { step } from '../steps.js';

/** django-simple-captcha 0.5 to 0.6 captcha/models.py. */
const app = defineApp({
  label: 'captcha',
  models: {
    CaptchaStore: {
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        challenge: { type: 'CharField', maxLength: 32 },
        response: { type: 'CharField', maxLength: 32 },
        hashkey: { type: 'CharField', maxLength: 40, unique: true },
        expiration: { type: 'DateTimeField' },
      },
    },
  },
});

export default defineCredentials({
  package: 'django-simple-captcha',
  app,
  secrets: { CaptchaStore: ['challenge', 'response', 'hashkey'] },
  prune: [
    {
      name: 'captcha',
      commands: ['captcha_clean'],
      steps: (tables, { now }) => [step(tables, 'CaptchaStore', [['expiration', '<=', now]])],
    },
  ],
});
