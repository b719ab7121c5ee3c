// @ts-check

/**
 * A command that sends one satisfied answer, ready to paste.
 * @param {{ origin: string, now: Date, id: string }} options
 * @returns {string}
 */
export function exampleCommand({ origin, now, id }) {
  const envelope = {
    event_id: id,
    event_type: 'survey.response_submitted',
    source: 'example',
    occurred_at: now.toISOString(),
    account_id: 'acme',
    user_id: id,
  };
  const properties = {
    survey_id: 'csat',
    instance_id: id,
    question_id: 'q1',
    kind: 'csat',
    score: 5,
    scale_min: 1,
    scale_max: 5,
    context: 'general',
  };
  const lines = Object.entries(envelope).map(([name, value]) => `    "${name}": "${value}",`);
  return [
    `curl ${origin}/v1/events \\`,
    "  -H 'content-type: application/json' \\",
    "  -d '{",
    ...lines,
    `    "properties": ${JSON.stringify(properties)}`,
    "  }'",
  ].join('\n');
}
