import { expect, test } from 'vitest';
import { nextLimit } from '../../src/db/write/batches.js';

test('adaptive batches grow slowly and shrink at once', () => {
  expect(nextLimit(1000, 1, true)).toBe(1500);
  expect(nextLimit(1000, 50, true)).toBe(1000);
  expect(nextLimit(1000, 500, true)).toBe(100);
  expect(nextLimit(200, 60_000, true)).toBe(50);
  expect(nextLimit(2000, 500, true, { smallest: 1000 })).toBe(1000);
  expect(nextLimit(40_000, 1, true)).toBe(50_000);
  // A table's last rows, or a partition's.
  expect(nextLimit(1000, 1, false)).toBe(1000);
  expect(nextLimit(1000, 100, false)).toBe(500);
});
