const NUMBER = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;

/**
 * A number's text, such as `1.5e-7`, with `places` digits after the point and no exponent: rounded, halves to the even
 * neighbour, as Python's `Decimal.quantize` does; where the places are not known, with all that there are. Undefined for
 * what is no number.
 */
export function quantize(text: string, wanted: number | undefined): string | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  // value = digits * 10^-scale
  const digits = BigInt(whole + fraction);
  const scale = fraction.length - Number(exponent);
  const places = wanted ?? Math.max(0, scale);
  const scaled =
    scale <= places ? digits * 10n ** BigInt(places - scale) : divide(digits, 10n ** BigInt(scale - places));
  const padded = String(scaled).padStart(places + 1, '0');
  const point = padded.length - places;
  const negative = sign === '-' && scaled !== 0n;
  return `${negative ? '-' : ''}${padded.slice(0, point)}${places > 0 ? `.${padded.slice(point)}` : ''}`;
}

function divide(value: bigint, by: bigint): bigint {
  const result = value / by;
  const twice = (value % by) * 2n;
  return twice > by || (twice === by && result % 2n === 1n) ? result + 1n : result;
}
