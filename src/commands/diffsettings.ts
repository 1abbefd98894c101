import { defineCommand } from '../command.js';
import type { SettingDifference } from '../settings/compare.js';

/** Settings that Django has, under names of its own (`timeZone` is its `TIME_ZONE`). */
const djangoHas =
  /^(?:apps|authenticationBackends|databases\.default|fixtureDirs|passwordHashers|passwordValidators|secretKey|secretKeyFallbacks|timeZone|useTz|userModel|session\.cookie\w+|session\.(?:engine|saveEveryRequest|expireAtBrowserClose)|csrf\.\w+)$/;

/** As Django marks them: `###` behind what Django has no setting for, and before what is unchanged. */
function hashLines({ name, value, default: fallback }: SettingDifference, all: boolean): string[] {
  if (value === fallback) return all ? [`### ${name} = ${value}`] : [];
  if (value === undefined) return [];
  return [djangoHas.test(name) ? `${name} = ${value}` : `${name} = ${value}  ###`];
}

function unifiedLines({ name, value, default: fallback }: SettingDifference, all: boolean): string[] {
  if (value === fallback) return all ? [`  ${name} = ${value}`] : [];
  return [
    ...(fallback === undefined ? [] : [`- ${name} = ${fallback}`]),
    ...(value === undefined ? [] : [`+ ${name} = ${value}`]),
  ];
}

/** What is not set has no JSON. */
const jsonOf = (text = 'undefined'): unknown => (text === 'undefined' ? null : JSON.parse(text));

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
        { value: jsonOf(shown.get(name)), default: jsonOf(shownDefaults.get(name)), changed: value !== fallback },
      ]),
    );
    return { json };
  },
});
