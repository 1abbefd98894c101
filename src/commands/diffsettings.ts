import { defineCommand } from '../command.js';
import { hashLines, settingJson, unifiedLines } from './reports/settings.js';

export default defineCommand({
  describe: 'Show the settings that differ from the defaults.',
  options: {
    all: { type: 'boolean', describe: 'Show unchanged settings too.' },
    default: {
      type: 'string',
      placeholder: 'FILE',
      describe: 'Compare with this config file instead of the defaults.',
    },
    output: {
      type: 'string',
      choices: ['hash', 'unified'],
      default: 'hash',
      describe: 'How to mark differences.',
    },
    showSecrets: { type: 'boolean', describe: 'Show keys and passwords, which are hidden by default.' },
  },
  async run({ settings, otherSettings, terminal }, { all, default: file, output, showSecrets: secrets }) {
    const { compareSettings, settingsLines } = await import('../settings/compare.js');
    const others = await otherSettings(file);
    // Compared with their secrets, so that two different ones do not look alike.
    const differences = compareSettings(
      settingsLines(settings, { secrets: true }),
      settingsLines(others, { secrets: true }),
    );
    const [shown, shownDefaults] = [settingsLines(settings, { secrets }), settingsLines(others, { secrets })];
    const chosen = differences.filter(({ value, default: fallback }) => all || value !== fallback);
    const lines = chosen.flatMap(({ name, value, default: fallback }) => {
      const same = value === fallback;
      const line = output === 'hash' ? hashLines : unifiedLines;
      const visible = { name, value: shown.get(name), default: shownDefaults.get(name) };
      // Where only a hidden secret differs, both sides show the same.
      return !same && visible.value === visible.default ? [`${name} = ${visible.value}`] : line(visible, all);
    });
    if (lines.length > 0) await terminal.write(`${lines.join('\n')}\n`);
    const json = Object.fromEntries(
      chosen.map(({ name, value, default: fallback }) => [
        name,
        {
          value: settingJson(shown.get(name)),
          default: settingJson(shownDefaults.get(name)),
          changed: value !== fallback,
        },
      ]),
    );
    return { json };
  },
});
