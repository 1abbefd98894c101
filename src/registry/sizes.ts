import type { Model } from './types.js';

/** A field whose definition lacks what its column is made with. */
export interface MissingSize {
  readonly field: string;
  /** The properties that are missing. */
  readonly what: string;
}

/** Fields of a model whose columns no migration could make: texts without a length, decimals without their digits. */
export function missingSizes({ fields, managed }: Pick<Model, 'fields' | 'managed'>): MissingSize[] {
  if (!managed) return [];
  return fields.flatMap(({ name, type, maxLength, maxDigits, decimalPlaces }) => {
    if (type === 'CharField' && maxLength === undefined) return [{ field: name, what: '`maxLength`' }];
    if (type !== 'DecimalField') return [];
    const missing = [
      ...(maxDigits === undefined ? ['`maxDigits`'] : []),
      ...(decimalPlaces === undefined ? ['`decimalPlaces`'] : []),
    ];
    return missing.length === 0 ? [] : [{ field: name, what: missing.join(' and no ') }];
  });
}
