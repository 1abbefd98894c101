import { account } from './account.js';
import { mfa } from './mfa.js';
import { socialaccount } from './socialaccount.js';
import { usersessions } from './usersessions.js';

export default [account, socialaccount, mfa, usersessions];
