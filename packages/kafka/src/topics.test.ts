import { EVENT_TYPES } from '@kpi/core';
import { describe, expect, test } from 'vitest';

import { topicsOf } from './topics.ts';

const topics = topicsOf({ KPI_TOPIC_PREFIX: 'eu.', KPI_PARTITIONS: 5 });

describe('topics', () => {
  test('have a place for every event type', () => {
    for (const eventType of EVENT_TYPES) expect(topics.input).toContain(topics.of(eventType));
  });

  test.each([
    ['account.created', 'eu.kpi.product.v1'],
    ['user.merged', 'eu.kpi.product.v1'],
    ['onboarding.completed', 'eu.kpi.product.v1'],
    ['referral.sent', 'eu.kpi.product.v1'],
    ['subject.erased', 'eu.kpi.product.v1'],
    ['lms.course_completed', 'eu.kpi.lms.v1'],
    ['support.ticket_created', 'eu.kpi.support.v1'],
    ['billing.invoice_paid', 'eu.kpi.billing.v1'],
    ['survey.invited', 'eu.kpi.survey.v1'],
    ['marketing.spend_recorded', 'eu.kpi.marketing.v1'],
    ['crm.lead_created', 'eu.kpi.marketing.v1'],
    ['fx.rate_published', 'eu.kpi.marketing.v1'],
    ['margin.set', 'eu.kpi.marketing.v1'],
  ] as const)('carry %s in %s', (eventType, topic) => {
    expect(topics.of(eventType)).toBe(topic);
  });

  test('that are read together have one partition count, and refused events are never deleted by age', () => {
    const partitions = new Map(
      topics.declarations.map(({ name, partitions: count }) => [name, count]),
    );
    expect([...topics.input, topics.facts].map((topic) => partitions.get(topic))).toEqual(
      Array.from({ length: 7 }, () => 5),
    );
    const kept = topics.declarations.find(({ name }) => name === topics.deadLetters);
    expect(kept?.settings['cleanup.policy']).toBe('compact');
  });
});
