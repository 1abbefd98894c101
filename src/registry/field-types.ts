/**
 * What is known of the types of fields: this table is the only place that says it. Their names are those of Django's
 * `get_internal_type()` (Django 5.2 db/models/fields/__init__.py and contrib/postgres/fields).
 */

/** What values of a type are, whatever their size. */
export type Family =
  | 'integer'
  | 'boolean'
  | 'text'
  | 'float'
  | 'decimal'
  | 'moment'
  | 'date'
  | 'time'
  | 'duration'
  | 'uuid'
  | 'json'
  | 'bytes'
  | 'address'
  | 'array'
  | 'map'
  | 'range'
  | 'other'
  | 'key'
  | 'reference';

interface Facts {
  readonly family: Family;
  /** Of an integer. */
  readonly bits?: 16 | 32 | 64;
  readonly positive?: true;
  /** Whether the database makes the values. */
  readonly generated?: true;
  /** Characters at most, where a field does not say it. */
  readonly defaultLength?: number;
  /** What a column that refers to one of this type has, without what is the key's alone. */
  readonly referredAs?: string;
  /** What XML calls it, where that is another type. */
  readonly inXml?: string;
  /** Type of the ends of a range. */
  readonly ends?: string;
}

const facts = {
  AutoField: { family: 'integer', bits: 32, generated: true, referredAs: 'IntegerField' },
  BigAutoField: { family: 'integer', bits: 64, generated: true, referredAs: 'BigIntegerField' },
  SmallAutoField: { family: 'integer', bits: 16, generated: true, referredAs: 'SmallIntegerField' },
  BooleanField: { family: 'boolean' },
  CharField: { family: 'text' },
  EmailField: { family: 'text', defaultLength: 254, inXml: 'CharField' },
  SlugField: { family: 'text', defaultLength: 50 },
  URLField: { family: 'text', defaultLength: 200, inXml: 'CharField' },
  TextField: { family: 'text' },
  CICharField: { family: 'text', inXml: 'CharField' },
  CIEmailField: { family: 'text', defaultLength: 254, inXml: 'CharField' },
  CITextField: { family: 'text', inXml: 'TextField' },
  SmallIntegerField: { family: 'integer', bits: 16 },
  IntegerField: { family: 'integer', bits: 32 },
  BigIntegerField: { family: 'integer', bits: 64 },
  PositiveSmallIntegerField: { family: 'integer', bits: 16, positive: true, referredAs: 'SmallIntegerField' },
  PositiveIntegerField: { family: 'integer', bits: 32, positive: true, referredAs: 'IntegerField' },
  PositiveBigIntegerField: { family: 'integer', bits: 64, positive: true, referredAs: 'BigIntegerField' },
  FloatField: { family: 'float' },
  DecimalField: { family: 'decimal' },
  DateField: { family: 'date' },
  TimeField: { family: 'time' },
  DateTimeField: { family: 'moment' },
  DurationField: { family: 'duration' },
  UUIDField: { family: 'uuid' },
  JSONField: { family: 'json' },
  BinaryField: { family: 'bytes' },
  GenericIPAddressField: { family: 'address' },
  ArrayField: { family: 'array' },
  HStoreField: { family: 'map' },
  IntegerRangeField: { family: 'range', ends: 'IntegerField' },
  BigIntegerRangeField: { family: 'range', ends: 'BigIntegerField' },
  DecimalRangeField: { family: 'range', ends: 'DecimalField' },
  DateTimeRangeField: { family: 'range', ends: 'DateTimeField' },
  DateRangeField: { family: 'range', ends: 'DateField' },
  /** A column of a type that Django has no field for: its values are the database's own text. */
  OtherField: { family: 'other', inXml: 'TextField' },
  /** What the `pk` of a model is whose key is made of several fields: it has no column of its own. */
  CompositePrimaryKey: { family: 'key' },
  ForeignKey: { family: 'reference' },
  OneToOneField: { family: 'reference' },
} as const satisfies Readonly<Record<string, Facts>>;

export type FieldType = keyof typeof facts;

const of = (type: FieldType): Facts => facts[type];

/** All that a definition may name, in the order in which messages name them. */
export const fieldTypes = (Object.keys(facts) as readonly FieldType[]).filter((type) => of(type).family !== 'key');

export const familyOf = (type: FieldType): Family => of(type).family;
export const isText = (type: FieldType): boolean => of(type).family === 'text';
export const isInteger = (type: FieldType): boolean => of(type).family === 'integer';
/** Whether columns hold integers of 64 bits, which are text in this program: a double does not hold all of them. */
export const isWide = (type: FieldType): boolean => of(type).bits === 64;
export const isPositive = (type: FieldType): boolean => of(type).positive === true;
/** Whether the database makes the values of such a key. */
export const isGenerated = (type: FieldType): boolean => of(type).generated === true;
export const isReferenceType = (type: FieldType): type is 'ForeignKey' | 'OneToOneField' =>
  of(type).family === 'reference';
/** Whether values are texts that a session's settings have a part in: the database's own form, or made of such. */
export const isServerText = (type: FieldType): boolean => ['array', 'map', 'range', 'other'].includes(of(type).family);

/** Lengths that Django gives to fields that do not say theirs. */
export const defaultLengthOf = (type: FieldType): number | undefined => of(type).defaultLength;

/** What a column has that refers to a key of this type: a plain integer is no key of its own (Django's `rel_db_type`). */
export const referredType = (type: FieldType): FieldType => (of(type).referredAs as FieldType | undefined) ?? type;

/** What Django's XML calls the type: some kinds of text have no name of their own there. */
export const xmlType = (type: FieldType): string => of(type).inXml ?? type;

/** Type of the ends of a range; undefined for what is none. */
export const endsOf = (type: FieldType): FieldType | undefined => of(type).ends as FieldType | undefined;

export type IntegerRange = readonly [least: bigint, most: bigint];

/**
 * What an integer field holds: as many bits as its type has, or, where columns do not keep to their types, as many as any
 * column has. `unsigned` where columns of positive ones and of keys may have no sign. Undefined for other fields.
 */
export function integerRange(type: FieldType, typed: boolean, unsigned = false): IntegerRange | undefined {
  const { bits, positive, generated } = of(type);
  if (bits === undefined) return undefined;
  const half = 2n ** (BigInt(typed ? bits : 64) - 1n);
  return [positive ? 0n : -half, (unsigned && (positive || generated) ? half * 2n : half) - 1n];
}

/**
 * What Django writes for what is not given, where a column may not be NULL; undefined where there is no such value
 * (`empty_strings_allowed`).
 */
export function emptyValueOf(type: FieldType): '' | Uint8Array | undefined {
  const { family } = of(type);
  if (family === 'text') return '';
  return family === 'bytes' ? new Uint8Array() : undefined;
}
