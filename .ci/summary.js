// Ends a run of `.ci/run`: names the tests that failed, with the beginning of what each says, and counts all of them.
//
//   node .ci/summary.js FAILED-STEPS REPORT.json...      (reports as vitest's JSON reporter writes them)
import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const LINES_OF_A_MESSAGE = 8;
const LETTERS_OF_A_LINE = 300;

const [failedSteps, ...files] = process.argv.slice(2);

const beginning = (message) =>
  stripVTControlCharacters(message)
    .split('\n')
    // Where in the libraries it happened helps nobody.
    .filter((line) => line.trim() !== '' && !line.includes('node_modules'))
    .slice(0, LINES_OF_A_MESSAGE)
    .map((line) => `    ${line.slice(0, LETTERS_OF_A_LINE)}`);

/** What failed in one file of tests: its tests, or the file as a whole where it could not even run. */
function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(process.cwd(), name);
  const tests = assertionResults.filter((test) => test.status === 'failed');
  if (tests.length === 0) return status === 'failed' ? [[`${file}: could not run`, ...beginning(message)]] : [];
  return tests.map(({ fullName, failureMessages }) => [
    `${file} > ${fullName}`,
    ...beginning(failureMessages.join('\n')),
  ]);
}

const reports = files.map((file) => {
  const name = basename(file, '.json');
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
    return { name, passed: numPassedTests, failed: numFailedTests, failures: testResults.flatMap(failuresOf) };
  } catch (error) {
    return { name, passed: 0, failed: 1, failures: [[`no report of these tests: ${error.message}`]] };
  }
});

for (const { name, failures } of reports) {
  for (const [title, ...lines] of failures) console.log([`FAILED (${name}) ${title}`, ...lines].join('\n'));
}
const sum = (key) => reports.reduce((total, report) => total + report[key], 0);
const passed = sum('passed');
const failed = Math.max(sum('failed'), Number(failedSteps));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
