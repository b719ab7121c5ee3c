import { Fault, type EventType } from '@kpi/core';
import { describe, expect, test } from 'vitest';

import { parseEnvelope, parseProperties, propertyNames } from './event-properties.ts';

/** The reason, as path and message; `ok` when nothing is wrong. */
function verdict(eventType: EventType, properties: unknown): string {
  const parsed = parseProperties(eventType, properties);
  return parsed instanceof Fault ? `${parsed.path ?? ''}: ${parsed.detail}` : 'ok';
}

const ANSWER = { survey_id: 's', instance_id: 'i', question_id: 'q', kind: 'csat' } as const;

describe('properties', () => {
  test('become typed fields with their defaults', () => {
    expect(parseProperties('lms.course_completed', { course_id: 'c', room: 'x' })).toEqual({
      course_id: 'c',
      course_version: null,
      success: null,
      score_scaled: null,
      manual: false,
    });
  });

  test('that are missing are named', () => {
    expect(verdict('lms.course_completed', {})).toBe('/properties/course_id: course_id is missing');
  });

  test('that are no object at all are refused', () => {
    expect(verdict('lms.course_completed', 'x')).toContain('/properties');
    expect(verdict('lms.course_completed', undefined)).toContain('is missing');
  });

  test.each([
    ['a progress above 1', 'lms.lesson_completed', { course_id: 'c', progress: 1.2 }, 'progress'],
    ['an empty id', 'lms.course_completed', { course_id: '' }, 'course_id'],
    [
      'a control character in an id',
      'lms.course_completed',
      { course_id: 'a\u001fb' },
      'course_id',
    ],
    ['an id that is too long', 'lms.course_completed', { course_id: 'x'.repeat(257) }, 'course_id'],
    [
      'a negative MRR',
      'billing.subscription_ended',
      { subscription_id: 's', mrr_minor: -1 },
      'mrr_minor',
    ],
    [
      'an unsafe integer',
      'billing.subscription_ended',
      { subscription_id: 's', mrr_minor: 2 ** 53 },
      'mrr_minor',
    ],
    [
      'cents as a fraction',
      'billing.refund_issued',
      { invoice_id: 'i', amount_minor: 1.5, currency: 'EUR' },
      'amount_minor',
    ],
    [
      'a currency in small letters',
      'billing.refund_issued',
      { invoice_id: 'i', amount_minor: 1, currency: 'eur' },
      'currency',
    ],
    [
      'an unknown reason',
      'support.ticket_invalidated',
      { ticket_id: 't', reason: 'bored' },
      'reason',
    ],
    [
      'a rate of 0',
      'fx.rate_published',
      { base: 'EUR', quote: 'USD', rate: 0, date: '2026-01-01' },
      'rate',
    ],
    [
      'a day that does not exist',
      'fx.rate_published',
      { base: 'EUR', quote: 'USD', rate: 1, date: '2026-02-30' },
      'date',
    ],
    [
      'a margin above 1',
      'margin.set',
      { margin: '1.1', valid_from: '2026-01-01T00:00:00Z' },
      'margin',
    ],
    [
      'a time without offset',
      'margin.set',
      { margin: '0.8', valid_from: '2026-01-01T00:00:00' },
      'valid_from',
    ],
    [
      'an account merged into itself',
      'account.merged',
      { from_account_id: 'a', into_account_id: 'a' },
      'into_account_id',
    ],
  ] as const)('with %s are refused', (_, eventType, properties, field) => {
    expect(verdict(eventType, properties)).toContain(`/properties/${field}: ${field} `);
  });

  test('of time become ms and of rates decimal text', () => {
    const margin = { margin: 0.8, valid_from: '2026-01-01T01:00:00.250+01:00' };
    expect(parseProperties('margin.set', margin)).toEqual({
      margin: '0.8',
      valid_from: Date.UTC(2026, 0, 1, 0, 0, 0, 250),
    });
  });

  test('that a source may not have are null, also when they are sent as null', () => {
    const update = { ticket_id: 't', field: 'account_id', from: null };
    expect(parseProperties('support.ticket_updated', update)).toEqual({
      ticket_id: 't',
      field: 'account_id',
      from: null,
      to: null,
      from_account_id: null,
      into_account_id: null,
    });
  });

  test('beyond the typed fields can be told apart', () => {
    expect([...propertyNames('survey.invited')]).toEqual(['survey_id', 'instance_id', 'context']);
  });
});

const scale = (scale_min: number, scale_max: number, score: number) => ({
  ...ANSWER,
  scale_min,
  scale_max,
  score,
});

describe('a survey answer', () => {
  test.each([2, 3, 5, 7, 10, 11])('may have a scale of %i', (length) => {
    expect(verdict('survey.response_submitted', scale(1, length, 1))).toBe('ok');
    expect(verdict('survey.response_submitted', scale(0, length - 1, 0))).toBe('ok');
  });

  test.each([1, 4, 6, 8, 9, 12])('cannot have a scale of %i', (length) => {
    expect(verdict('survey.response_submitted', scale(1, length, 1))).toContain('scale_max');
  });

  test('must lie on its scale', () => {
    expect(verdict('survey.response_submitted', scale(1, 5, 0))).toContain('/properties/score');
    expect(verdict('survey.response_submitted', scale(1, 5, 6))).toContain('/properties/score');
  });

  test('of nps needs no scale but lies on 0 to 10', () => {
    const nps = { ...ANSWER, kind: 'nps' };
    expect(verdict('survey.response_submitted', { ...nps, score: 10 })).toBe('ok');
    expect(verdict('survey.response_submitted', { ...nps, score: 11 })).toContain('score');
    expect(verdict('survey.response_submitted', { ...nps, score: 5, scale_min: 1 })).toContain(
      'scale_min',
    );
    const reversed = { ...nps, score: 5, direction: 'lower_is_better' };
    expect(verdict('survey.response_submitted', reversed)).toContain('direction');
  });

  test('of ces says which end is good', () => {
    const ces = { ...scale(1, 7, 5), kind: 'ces' };
    expect(verdict('survey.response_submitted', ces)).toContain('direction must be given for ces');
    const directed = { ...ces, direction: 'higher_is_better' };
    expect(verdict('survey.response_submitted', directed)).toBe('ok');
  });

  test('of text has no score', () => {
    expect(verdict('survey.response_submitted', { ...ANSWER, kind: 'text' })).toBe('ok');
  });
});

describe('the envelope', () => {
  const sent = { event_id: 'e', source: 's', occurred_at: '2026-01-01T00:00:00Z' };

  test('gets its defaults', () => {
    expect(parseEnvelope(sent)).toMatchObject({
      account_id: null,
      source_version: 0,
      attributes: {},
    });
  });

  test('names what is missing', () => {
    expect(parseEnvelope({ ...sent, event_id: undefined })).toMatchObject({
      code: 'event_invalid',
      path: '/event_id',
    });
  });

  test('limits what a source may add', () => {
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`k${n}`, 'v']));
    expect(parseEnvelope({ ...sent, attributes: many })).toMatchObject({ path: '/attributes' });
  });
});
