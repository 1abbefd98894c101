import { homedir } from 'node:os';

/** The home of this process's user. In a container the user may have none. */
export function homeFolder(): string | undefined {
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}
