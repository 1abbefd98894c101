import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is translated and compiled during the tests is kept for this run alone. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'manage-cache-'));
  process.env.XDG_CACHE_HOME = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
