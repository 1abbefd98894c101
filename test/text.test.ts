import { expect, test } from 'vitest';
import { bounded, knownNames } from '../src/text.js';

const long = (letter: string, count = 10_000) => letter.repeat(count);

test.each([
  ['a value in quotes', `There is no group '${long('x')}'.`, `There is no group '${long('x', 100)}…'.`],
  ['a value with blanks', `It is "${'a b '.repeat(300)}".`, `It is "${'a b '.repeat(25)}…".`],
  ['a path', `'/${long('p', 150)}' is a folder.`, `'/${long('p', 150)}' is a folder.`],
  ['a word', `it says ${long('w')}`, `it says ${long('w', 100)}…`],
  ['a URL', `See https://x.org/${long('u')}`, `See https://x.org/${long('u', 186)}…`],
  [
    "an apostrophe's neighbours",
    `Django's own ${'is it '.repeat(20)}user's`,
    `Django's own ${'is it '.repeat(20)}user's`,
  ],
  ['what is between two values', `'a' ${'is it '.repeat(20)}'b'`, `'a' ${'is it '.repeat(20)}'b'`],
])('a message is bounded: %s', (_, text, shown) => {
  expect(bounded(text)).toBe(shown);
});

test('no line of a message is longer than 300 characters', () => {
  const lines = bounded('A sentence of some words. '.repeat(100)).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(300);
  expect(lines.join(' ').trim()).toBe('A sentence of some words. '.repeat(100).trim());
});

test('names that are known: the likeliest is never hidden', () => {
  const many = Array.from({ length: 500 }, (_, index) => `group ${index}`);
  expect(knownNames('Editers', [...many, 'Editors'])).toBe('Did you mean Editors?');
  expect(knownNames('staff of 499', many)).toContain('group 499');
  expect(knownNames('x', ['json', 'xml'])).toBe('Known are json, xml.');
  expect(knownNames('x', ['a'], { say: 'It has' })).toBe('It has a.');
  expect(knownNames('x', many)?.length).toBeLessThan(200);
  expect(knownNames('x', [])).toBeUndefined();
});
