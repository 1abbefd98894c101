import type { SettingDifference } from '../../settings/compare.js';

/** Settings that Django has, under names of its own (`timeZone` is its `TIME_ZONE`). */
const djangoHas =
  /^(?:apps|authenticationBackends|databases\.default|fixtureDirs|passwordHashers|passwordValidators|secretKey|secretKeyFallbacks|timeZone|useTz|userModel|session\.cookie\w+|session\.(?:engine|saveEveryRequest|expireAtBrowserClose)|csrf\.\w+)$/;

/** As Django marks them: `###` behind what Django has no setting for, and before what is unchanged. */
export function hashLines({ name, value, default: fallback }: SettingDifference, all: boolean): string[] {
  if (value === fallback) return all ? [`### ${name} = ${value}`] : [];
  if (value === undefined) return [];
  return [djangoHas.test(name) ? `${name} = ${value}` : `${name} = ${value}  ###`];
}

/** The same as in a unified diff. */
export function unifiedLines({ name, value, default: fallback }: SettingDifference, all: boolean): string[] {
  if (value === fallback) return all ? [`  ${name} = ${value}`] : [];
  return [
    ...(fallback === undefined ? [] : [`- ${name} = ${fallback}`]),
    ...(value === undefined ? [] : [`+ ${name} = ${value}`]),
  ];
}

/** What is not set has no JSON. */
export const settingJson = (text = 'undefined'): unknown => (text === 'undefined' ? null : JSON.parse(text));
