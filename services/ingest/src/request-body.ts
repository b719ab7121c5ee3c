import { isUtf8 } from 'node:buffer';

import { Fault } from '@kpi/core';

import { atCloudEvent, readBinaryCloudEvent, readCloudEvent } from './cloud-event.ts';
import { elementTexts } from './json-elements.ts';
import { type Fields, invalid, isObject } from './json.ts';

/** A request body taken apart into events, none of them checked yet. */
export interface ReceivedBatch {
  /** Canonical JSON of every event, or why there is none. */
  readonly events: readonly (Fields | Fault)[];
  /** What {@link rawOf} answers is written in. */
  readonly contentType: string;
  /** What the client sent for one event, byte for byte: for the dead letters. */
  rawOf(index: number): Buffer;
  /** A refusal in the terms of the form that the client used. */
  describe(refusal: Fault): Fault;
}

export interface RawRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

const CANONICAL = 'application/json';
const CLOUD_EVENT = 'application/cloudevents+json';
const CLOUD_EVENT_BATCH = 'application/cloudevents-batch+json';
export const MEDIA_TYPES = [CANONICAL, CLOUD_EVENT, CLOUD_EVENT_BATCH] as const;

/** Events of one request: each costs a record in memory until the broker has acknowledged it. */
export const BATCH_EVENTS_MAX = 1_000;

/**
 * Take a body apart. Throws `body_invalid` when nothing can be read from it, `batch_too_large` for more than 1,000
 * events; the first deserves a dead letter, the second does not.
 */
export function readBody(request: RawRequest): ReceivedBatch {
  const mediaType = mediaTypeOf(request.headers['content-type']);
  if (mediaType === CANONICAL && request.headers['ce-specversion'] !== undefined) {
    return readBinary(request);
  }
  const text = textOf(request.body);
  const parsed = parse(text);
  const isBatch = Array.isArray(parsed);
  if (mediaType === CLOUD_EVENT && isBatch) {
    throw new Fault('body_invalid', `a list of CloudEvents is ${CLOUD_EVENT_BATCH}`);
  }
  if (!isBatch && (mediaType === CLOUD_EVENT_BATCH || !isObject(parsed))) {
    throw new Fault('body_invalid', 'the body must be an event or a list of events');
  }
  const elements: readonly unknown[] = isBatch ? parsed : [parsed];
  if (elements.length > BATCH_EVENTS_MAX) {
    const detail = `a request holds at most ${BATCH_EVENTS_MAX} events, this one has ${elements.length}`;
    throw new Fault('batch_too_large', detail);
  }
  const isCanonical = mediaType === CANONICAL;
  return {
    events: elements.map((element) =>
      isCanonical ? readCanonical(element) : readCloudEvent(element),
    ),
    contentType: isCanonical ? CANONICAL : CLOUD_EVENT,
    rawOf: rawReader(request.body, text, isBatch),
    describe: isCanonical ? (refusal) => refusal : atCloudEvent,
  };
}

function readCanonical(element: unknown): Fields | Fault {
  return isObject(element) ? element : invalid('', 'must be a JSON object');
}

/** In binary mode the headers are half of the event, so the raw form is the structured one. */
function readBinary({ headers, body }: RawRequest): ReceivedBatch {
  const text = textOf(body);
  const event = readBinaryCloudEvent(headers, text);
  return {
    events: [event],
    contentType: CANONICAL,
    rawOf: () => Buffer.from(event instanceof Fault ? text : JSON.stringify(event)),
    describe: atCloudEvent,
  };
}

function rawReader(body: Buffer, text: string, isBatch: boolean): (index: number) => Buffer {
  if (!isBatch) return () => body;
  let texts: readonly string[] | undefined;
  return (index) => {
    texts ??= elementTexts(text);
    return Buffer.from(texts[index] ?? '');
  };
}

function mediaTypeOf(header: string | readonly string[] | undefined): string {
  const text = typeof header === 'string' ? header : (header?.[0] ?? '');
  return (text.split(';', 1)[0] ?? '').trim().toLowerCase();
}

function textOf(body: Buffer): string {
  if (body.length === 0) throw new Fault('body_invalid', 'the body is empty');
  if (!isUtf8(body)) throw new Fault('body_invalid', 'the body is not UTF-8');
  return body.toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('body_invalid', 'the body is not valid JSON', { cause });
  }
}
