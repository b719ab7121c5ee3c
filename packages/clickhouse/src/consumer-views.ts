/** What a column holds: `time` is UTC to the millisecond, `integer` has 64 bits, `?` may be null. */
export type ColumnType = `${
  | 'text'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'time'
  | 'date'
  | 'texts'
  | 'text_map'
  | 'integer_map'}${'' | '?'}`;

/** One column of a view for consumers. */
export interface ViewColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly meaning: string;
}

/** A view for consumers (contract): its rows, and each of its columns. */
export interface ConsumerView {
  readonly name: string;
  readonly title: string;
  /** The column that `from` and `to` bound. */
  readonly time: string;
  readonly columns: readonly ViewColumn[];
}

type Columns = Readonly<Record<string, readonly [type: ColumnType, meaning: string]>>;

function view(name: string, title: string, time: string, columns: Columns): ConsumerView {
  const listed = Object.entries(columns).map(([column, [type, meaning]]) => ({
    name: column,
    type,
    meaning,
  }));
  return { name, title, time, columns: [TENANT, ...listed] };
}

const TENANT: ViewColumn = { name: 'tenant_id', type: 'text', meaning: 'Owner of the data.' };

const PLACE = {
  kpi_id: ['text', 'Id of the KPI, with a variant after a dot.'],
  window: ['text', 'Length of the window, such as 28d.'],
  dimension: ['text', 'The dimension by which the value is split; empty for the value in all.'],
  dimension_value: ['text', 'Value of that dimension.'],
} as const satisfies Columns;

const RESULT = {
  definition_version: ['integer', 'Version of the definition that counted.'],
  window_to: ['time', 'End of the window; not in it.'],
  as_of: ['time', 'Moment of the evaluation: what was known then.'],
  dimensions: ['text_map', 'Everything the value is restricted to, default filters included.'],
  value: ['number?', 'The value; null without data.'],
  unit: ['text', 'ratio, points, money, days, per_100_account_days, scale_points, number.'],
  currency: ['text?', 'Currency of a value of money.'],
  numerator: ['number?', 'Numerator; null when withheld because few units are behind it.'],
  denominator: ['number?', 'Denominator; null when withheld.'],
  n: ['integer?', 'Independent units behind the value; null when withheld.'],
  ci_low: ['number?', 'Lower end of the interval.'],
  ci_high: ['number?', 'Upper end of the interval.'],
  status: ['text', 'ok, or the worst that holds: no_data, suspect, stale, immature, low_n, …'],
  revision: ['integer', 'How often the value of this window end had been published before.'],
} as const satisfies Columns;

/** Views that other systems may rely on. A test holds them against the real ones. */
export const CONSUMER_VIEWS: readonly ConsumerView[] = [
  view(
    'kpi_values',
    'Published values: one row per KPI, window end, group and revision.',
    'window_to',
    {
      ...PLACE,
      ...RESULT,
      window_from: ['time', 'Start of the window.'],
      watermark: ['time?', 'Last event of the source that is furthest behind.'],
      ci_level: ['number?', 'Level of the interval.'],
      ci_method: ['text?', 'Method of the interval.'],
      notes: ['texts', 'Every status that holds.'],
      immature_n: ['integer', 'Units too young to be counted.'],
      excluded: ['integer_map', 'Units left out, by reason.'],
      computed_at: ['time', 'When it was computed.'],
    },
  ),
  view(
    'kpi_daily',
    'The last published value of each UTC day: one row per KPI, group and day.',
    'day',
    {
      ...PLACE,
      day: ['date', 'UTC day; a window that ends at midnight belongs to the day it ends.'],
      ...RESULT,
    },
  ),
  view('accounts', 'One row per account.', 'created_at', {
    account_id: ['text', 'Id of the account.'],
    account_name: ['text?', 'Name, as last stated.'],
    domain: ['text?', 'Domain, as last stated.'],
    source_channel: ['text?', 'Where it came from, as last stated.'],
    is_imported: ['boolean', 'Whether it was brought in from an older system.'],
    is_internal: ['boolean', 'Whether it is one of our own, which no KPI counts.'],
    created_at: ['time?', 'First account.created.'],
    customer_since: ['time?', 'First time of recurring revenue above 0.'],
    is_active: ['boolean', 'Whether it is a customer now.'],
    active_from: ['time?', 'Start of the last active period.'],
    churned_at: ['time?', 'End of the last active period.'],
    plan: ['text', 'Plan of the subscription open for longest, or (none).'],
    trained_at: ['time?', 'First course completion of one of its users.'],
  }),
  view(
    'cohort_exposure_daily',
    'Active time and tickets of each account by UTC day, training, tenure and plan.',
    'day',
    {
      account_id: ['text', 'Id of the account.'],
      day: ['date', 'UTC day.'],
      is_trained: ['boolean', 'Whether the account was trained by then.'],
      tenure: ['text', 'Days since it became active, such as 28-84.'],
      plan: ['text', 'Plan of the subscription open for longest.'],
      exposure_ms: ['integer', 'Active time of the day in this state, ms; until now.'],
      tickets: ['integer', 'Tickets of customers in it.'],
      incident_tickets: ['integer', 'Those of them that are part of an incident.'],
    },
  ),
  view('course_runs', 'One row per user, course and version of the course.', 'enrolled_at', {
    user_id: ['text', 'Learner.'],
    course_id: ['text', 'Course.'],
    course_version: ['text', 'Version of the course.'],
    account_id: ['text?', 'Account of the earliest event that names one.'],
    enrolled_at: ['time', 'First enrolment, or first activity where none is known.'],
    is_enrolment_imputed: ['boolean', 'Whether the enrolment is only known by activity.'],
    completed_at: ['time?', 'First completion.'],
    unenrolled_at: ['time?', 'Unenrolment, unless enrolled again since.'],
    unenrolment_reason: ['text?', 'Why, as the source says.'],
  }),
  view(
    'tickets',
    'One row per ticket, as of its last ticket_created, of the account that has it now.',
    'created_at',
    {
      source: ['text', 'Help desk.'],
      ticket_id: ['text', 'Id of the ticket there.'],
      created_at: ['time', 'When it was opened.'],
      account_id: ['text?', 'Account it belongs to.'],
      requester_user_id: ['text?', 'Who asked.'],
      channel: ['text?', 'Channel.'],
      priority: ['text?', 'Priority.'],
      category: ['text?', 'Category.'],
      incident_id: ['text?', 'Incident it is part of.'],
      is_customer_initiated: ['boolean', 'Whether the customer began it.'],
      is_support: ['boolean', 'Whether it counts as support.'],
      is_invalidated: ['boolean', 'Spam, merged or deleted.'],
    },
  ),
  view('subscriptions', 'One row per subscription.', 'started_at', {
    source: ['text', 'Billing system.'],
    subscription_id: ['text', 'Id of the subscription there.'],
    account_id: ['text', 'Account it belongs to.'],
    started_at: ['time', 'First event.'],
    ended_at: ['time?', 'When it ended; null while it runs.'],
    mrr_minor: ['integer', 'Monthly recurring revenue now, in the smallest unit; 0 once ended.'],
    currency: ['text?', 'Currency of it.'],
    plan_id: ['text?', 'Plan now.'],
    product_id: ['text?', 'Product now.'],
    quantity: ['integer?', 'Seats now.'],
    cancel_at: ['time?', 'When it is to end.'],
  }),
  view('survey_responses', 'One row per answer to a question.', 'submitted_at', {
    source: ['text', 'Survey system.'],
    event_id: ['text', 'Id of the answer there.'],
    submitted_at: ['time', 'When it was given.'],
    account_id: ['text?', 'Account of who answered.'],
    user_id: ['text?', 'Who answered.'],
    survey_id: ['text?', 'Survey.'],
    instance_id: ['text?', 'One sending of the survey.'],
    question_id: ['text?', 'Question.'],
    kind: ['text?', 'csat, nps, ces, …'],
    context: ['text?', 'What it is about, such as ticket or course.'],
    subject_id: ['text?', 'Which ticket or course.'],
    score: ['integer?', 'The answer.'],
    scale_min: ['integer?', 'Lowest possible answer.'],
    scale_max: ['integer?', 'Highest possible answer.'],
    direction: ['text', 'higher_is_better or lower_is_better.'],
    is_latest: ['boolean', 'Whether the same person has not answered again since.'],
  }),
];
