// @ts-check

/**
 * A command that sends one satisfied answer, ready to paste.
 * @param {{ origin: string, now: Date, id: string }} options
 * @returns {string}
 */
export function exampleCommand({ origin, now, id }) {
  const event = {
    event_id: id,
    event_type: 'survey.response_submitted',
    source: 'example',
    occurred_at: now.toISOString(),
    account_id: 'acme',
    user_id: id,
    properties: {
      survey_id: 'csat',
      instance_id: id,
      question_id: 'q1',
      kind: 'csat',
      score: 5,
      scale_min: 1,
      scale_max: 5,
      context: 'general',
    },
  };
  return [
    `curl ${origin}/v1/events \\`,
    "  -H 'content-type: application/json' \\",
    `  -d '${JSON.stringify(event, null, 2)}'`,
  ].join('\n');
}
