import { type EventType, type KpiEvent } from '@kpi/core';

import { type EventRow, columnKindOf, isNullableColumn } from './event-columns.ts';
import { type NativeColumn, encodeBlock } from './native-column.ts';
import { Int64Column, TimeColumn, TypedColumn } from './number-columns.ts';
import { DictionaryColumn, MapColumn, TextColumn } from './text-columns.ts';

/** Where the value of a field goes, as the event is read. A field that is null is passed over. */
export interface FieldTarget {
  text(row: number, bytes: Uint8Array, from: number, to: number): void;
  number(row: number, value: number): void;
  texts(row: number, value: Readonly<Record<string, string>>): void;
}

/** An event in its encoding, that can be written field by field without being decoded. */
export interface EncodedRow {
  readonly eventType: EventType;
  /** Fields of the event; the same array for all events of a schema. */
  readonly fields: readonly string[];
  /** Writes the fields' values into the targets of the same index. */
  write(row: number, targets: readonly FieldTarget[]): void;
  readonly offset: number;
  /** What `received_at` is when the event leaves it 0, ms. */
  readonly timestampMs: number;
}

/** One partition of one topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Fields of the events that merge somebody, and of no others. */
const MERGED = ['from_account_id', 'from_user_id'] as const;
const MEMBERSHIPS = ['user.joined_account', 'user.left_account'] as const;

/**
 * Rows of one partition of a topic on their way into ClickHouse, kept as the columns they will be sent as. The same rows, added
 * in the same order, are the same bytes, whether they were decoded or not.
 */
export class EventBlock {
  readonly #place: TopicPartition;
  readonly #columns = new Map<string, NativeColumn>();
  readonly #eventType = new DictionaryColumn('event_type');
  readonly #received = new ReceivedColumn();
  readonly #topic = new DictionaryColumn('_topic');
  readonly #partition = new TypedColumn('_partition', false, 'UInt32');
  readonly #offset = new Int64Column('_offset', false);
  /** Columns of the fields of each schema. */
  readonly #targets = new Map<readonly string[], readonly NativeColumn[]>();
  readonly #accounts = this.#columnOf('account_id');
  readonly #users = this.#columnOf('user_id');
  #rows = 0;
  #holdsUnplaced = false;

  constructor({ topic, partition }: TopicPartition) {
    this.#place = { topic, partition };
    const own = [this.#topic, this.#partition, this.#offset, this.#eventType, this.#received];
    for (const column of own) this.#columns.set(column.name, column);
  }

  get rows(): number {
    return this.#rows;
  }

  /** The memory that the rows take. */
  get bytes(): number {
    let bytes = 0;
    for (const column of this.#columns.values()) bytes += column.bytes;
    return bytes;
  }

  /** Whether an account or a user was merged in it. */
  get holdsMerges(): boolean {
    return MERGED.some((name) => this.#columns.has(name));
  }

  /** Whether somebody joins an account in it, or leaves one. */
  get holdsMemberships(): boolean {
    return MEMBERSHIPS.some((type) => this.#eventType.holds(type));
  }

  /** Whether an event in it names a user and no account. */
  get holdsUnplaced(): boolean {
    return this.#holdsUnplaced;
  }

  addEvent(event: KpiEvent, offset: number): void {
    const row = this.#begin(event.event_type, offset);
    this.#received.otherwiseMs = 0;
    for (const [name, value] of Object.entries(event)) {
      if (value !== null && value !== undefined) put(this.#columnOf(name), row, value);
    }
    this.#noteUnplaced(row);
  }

  addEncoded(encoded: EncodedRow): void {
    const row = this.#begin(encoded.eventType, encoded.offset);
    this.#received.otherwiseMs = encoded.timestampMs;
    encoded.write(row, this.#targetsOf(encoded.fields));
    this.#noteUnplaced(row);
  }

  /** Add the rows of another block, whatever its topic, at the end. */
  append(other: EventBlock): void {
    for (const [name, column] of other.#columns)
      this.#columnOf(name).append(this.#rows, column, other.#rows);
    this.#rows += other.#rows;
    this.#holdsUnplaced ||= other.#holdsUnplaced;
  }

  /** The block in Native format. */
  encode(): Uint8Array {
    const stated = [...this.#columns.values()].filter((column) => column.isStated);
    return encodeBlock(
      stated.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      this.#rows,
    );
  }

  #begin(eventType: EventType, offset: number): number {
    const row = this.#rows;
    this.#rows += 1;
    this.#eventType.set(row, eventType);
    this.#topic.set(row, this.#place.topic);
    this.#partition.number(row, this.#place.partition);
    this.#offset.number(row, offset);
    return row;
  }

  #noteUnplaced(row: number): void {
    this.#holdsUnplaced ||= this.#users.isStatedAt(row) && !this.#accounts.isStatedAt(row);
  }

  #targetsOf(fields: readonly string[]): readonly NativeColumn[] {
    const known = this.#targets.get(fields);
    if (known !== undefined) return known;
    const targets = fields.map((name) => this.#columnOf(name));
    this.#targets.set(fields, targets);
    return targets;
  }

  #columnOf(name: string): NativeColumn {
    const known = this.#columns.get(name);
    if (known !== undefined) return known;
    const column = newColumn(name);
    this.#columns.set(name, column);
    return column;
  }
}

/**
 * All blocks as one in Native format. One, because what ClickHouse remembers of a token is also how many blocks came: the same
 * rows in more or fewer of them would be added again.
 */
export function encodeBlocks([first, ...others]: readonly EventBlock[]): Uint8Array {
  if (first === undefined) return new Uint8Array(0);
  if (others.length === 0) return first.encode();
  const whole = new EventBlock({ topic: '', partition: 0 });
  for (const block of [first, ...others]) whole.append(block);
  return whole.encode();
}

/** Rows as blocks, in their order. */
export function blocksOf(rows: readonly EventRow[]): readonly EventBlock[] {
  const blocks: EventBlock[] = [];
  let last: EventRow | undefined;
  for (const row of rows) {
    if (last?.topic !== row.topic || last.partition !== row.partition)
      blocks.push(new EventBlock(row));
    blocks.at(-1)?.addEvent(row.event, row.offset);
    last = row;
  }
  return blocks;
}

/** The event's own time of arrival, or the record's where the producer left it 0. */
class ReceivedColumn extends TimeColumn {
  otherwiseMs = 0;

  constructor() {
    super('received_at', false);
  }

  override number(row: number, value: number): void {
    super.number(row, value === 0 ? this.otherwiseMs : value);
  }
}

function newColumn(name: string): NativeColumn {
  const isNullable = isNullableColumn(name);
  const kind = columnKindOf(name);
  switch (kind) {
    case 'text':
      return new TextColumn(name, isNullable);
    case 'time':
      return new TimeColumn(name, isNullable);
    case 'int64':
      return new Int64Column(name, isNullable);
    case 'map':
      return new MapColumn(name);
    default:
      return new TypedColumn(name, isNullable, TYPED_KINDS[kind]);
  }
}

const TYPED_KINDS = { int32: 'Int32', uint32: 'UInt32', float: 'Float64', bool: 'Bool' } as const;

function put(column: NativeColumn, row: number, value: unknown): void {
  switch (typeof value) {
    case 'string': {
      const bytes = Buffer.from(value);
      column.text(row, bytes, 0, bytes.length);
      break;
    }
    case 'number':
      column.number(row, value);
      break;
    case 'boolean':
      column.number(row, value ? 1 : 0);
      break;
    default:
      if (typeof value === 'object' && value !== null) column.texts(row, textsOf(value));
  }
}

function textsOf(value: object): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}
