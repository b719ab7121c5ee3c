/** A reading of the part of Avro that event schemas use; anything else is refused. */
type Kind =
  | { readonly kind: 'boolean' | 'string' | 'texts' | 'integer' | 'number' }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] };

export interface Field {
  readonly name: string;
  readonly doc: string;
  readonly type: Kind;
  readonly isOptional: boolean;
  /** JSON of the default; absent when the field must be given. */
  readonly byDefault: string | undefined;
  /** Name of the check in packages/kafka/src/formats.ts. */
  readonly format: string | undefined;
  /** The declaration as it stands in the file, without blanks. */
  readonly text: string;
}

export interface RecordSchema {
  readonly doc: string;
  /** Whom the event must name; see schemas/README.md. */
  readonly subject: string;
  /** Name of the check across fields in packages/kafka/src/event-rules.ts. */
  readonly rule: string | undefined;
  readonly fields: readonly Field[];
  /** Schema as one line of JSON: what the registry is given. */
  readonly text: string;
}

export const SUBJECTS = ['account', 'user', 'account_or_user', 'account_and_user', 'none'] as const;

type Json = Readonly<Record<string, unknown>>;

export function parseEnvelope(text: string): {
  readonly first: readonly Field[];
  readonly last: readonly Field[];
} {
  const { first, last } = parseObject('envelope.json', text);
  return { first: parseFields('envelope.json', first), last: parseFields('envelope.json', last) };
}

/** Throws an Error that names the file when the schema breaks a convention. */
export function parseSchema(given: {
  readonly file: string;
  readonly eventType: string;
  readonly text: string;
}): RecordSchema {
  const { file, eventType, text } = given;
  const json = parseObject(file, text);
  const fullName = `${String(json['namespace'])}.${String(json['name'])}`;
  if (fullName !== `kpi.${eventType}`)
    throw new Error(`${file}: ${fullName}, not kpi.${eventType}`);
  const subject = string(file, json, 'subject');
  if (!SUBJECTS.some((name) => name === subject)) throw new Error(`${file}: subject ${subject}`);
  return {
    doc: string(file, json, 'doc'),
    subject,
    rule: json['rule'] === undefined ? undefined : string(file, json, 'rule'),
    fields: parseFields(file, json['fields']),
    text: JSON.stringify(json),
  };
}

function parseFields(file: string, fields: unknown): readonly Field[] {
  if (!Array.isArray(fields)) throw new Error(`${file}: fields is not a list`);
  return fields.map((field: unknown) => {
    if (!isObject(field)) throw new Error(`${file}: a field is no object`);
    return parseField(file, field);
  });
}

function parseField(file: string, json: Json): Field {
  const name = string(file, json, 'name');
  const where = `${file}: ${name}`;
  const { type: written } = json;
  const union: readonly unknown[] | undefined = Array.isArray(written) ? written : undefined;
  if (
    union !== undefined &&
    (union.length !== 2 || union[0] !== 'null' || json['default'] !== null)
  ) {
    throw new Error(`${where}: an optional field is ["null", T] with default null`);
  }
  const type = parseType(where, union === undefined ? written : union[1]);
  const format = json['format'] === undefined ? undefined : string(where, json, 'format');
  const needsFormat = type.kind !== 'boolean' && type.kind !== 'enum';
  if (needsFormat !== (format !== undefined)) throw new Error(`${where}: format missing or idle`);
  return {
    name,
    doc: string(where, json, 'doc'),
    type,
    isOptional: union !== undefined,
    byDefault: json['default'] === undefined ? undefined : JSON.stringify(json['default']),
    format,
    text: JSON.stringify(json),
  };
}

function parseType(where: string, type: unknown): Kind {
  if (isObject(type)) return parseComplexType(where, type);
  if (type === 'boolean' || type === 'string') return { kind: type };
  if (type === 'int' || type === 'long') return { kind: 'integer' };
  if (type === 'double') return { kind: 'number' };
  throw new Error(`${where}: type ${JSON.stringify(type)} is not used in events`);
}

function parseComplexType(where: string, type: Json): Kind {
  if (type['type'] === 'enum') return { kind: 'enum', symbols: strings(where, type['symbols']) };
  if (type['type'] === 'map' && type['values'] === 'string') return { kind: 'texts' };
  if (type['logicalType'] === 'timestamp-millis') return { kind: 'integer' };
  throw new Error(`${where}: type ${JSON.stringify(type)} is not used in events`);
}

/** The JSON object in a text; throws an Error that names the file when it holds something else. */
export function parseObject(file: string, text: string): Json {
  const json: unknown = JSON.parse(text);
  if (!isObject(json)) throw new Error(`${file} is no JSON object`);
  return json;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function strings(where: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new Error(`${where}: a list of texts is missing`);
  return value.map(String);
}

function string(where: string, json: Json, key: string): string {
  const value = json[key];
  if (typeof value !== 'string' || value === '') throw new Error(`${where}: ${key} is missing`);
  return value;
}
