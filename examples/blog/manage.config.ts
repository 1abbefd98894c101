import { defineConfig } from 'manage-auth';
import { blog } from './blog.js';

export default defineConfig({
  databases: { default: { url: 'sqlite:///db.sqlite3' } },
  apps: [blog],
});
