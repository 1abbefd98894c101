import type { Style } from '../command.js';

/** Whether one stream shows colours: options first, then FORCE_COLOR and NO_COLOR as Node reads them, then the terminal. */
export function showsColor(
  isTerminal: () => boolean,
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly noColor: boolean; readonly forceColor: boolean },
): boolean {
  if (options.noColor) return false;
  if (options.forceColor) return true;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false') return true;
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined || env.DJANGO_COLORS === 'nocolor' || env.TERM === 'dumb') return false;
  return isTerminal();
}

const plain = (text: string) => text;
const code = (open: string) => (text: string) => (text === '' ? '' : `\x1b[${open}m${text}\x1b[0m`);

const plainStyle: Style = {
  heading: plain,
  label: plain,
  success: plain,
  warning: plain,
  error: plain,
  dim: plain,
};

/** The roles of Django's dark palette (Django 5.2 utils/termcolors.py). */
const colorStyle: Style = {
  heading: code('36;1'),
  label: code('1'),
  success: code('32;1'),
  warning: code('33;1'),
  error: code('31;1'),
  dim: code('2'),
};

export const styleFor = (color: boolean): Style => (color ? colorStyle : plainStyle);
