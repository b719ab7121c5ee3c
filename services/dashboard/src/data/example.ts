/** A command that sends one satisfied answer, ready to paste. */
export function exampleCommand(options: {
  readonly origin: string;
  readonly now: Date;
  readonly id: string;
  readonly tenant: string | undefined;
}): string {
  const { origin, now, id, tenant } = options;
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
    ...(tenant === undefined ? [] : [`  -H 'kpi-tenant: ${tenant}' \\`]),
    "  -d '{",
    ...lines,
    `    "properties": ${JSON.stringify(properties)}`,
    "  }'",
  ].join('\n');
}
