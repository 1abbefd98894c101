/** Milliseconds to wait for another program's lock; Python's sqlite3 module, and so Django, waits as long. */
export const BUSY_TIMEOUT_MS = 5000;
