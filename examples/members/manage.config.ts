import { defineConfig } from 'manage-auth';
import { members } from './members.js';

export default defineConfig({
  databases: { default: { url: 'sqlite:///db.sqlite3' } },
  userModel: 'members.member',
  apps: [members],
});
