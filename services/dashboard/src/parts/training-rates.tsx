import { type ChartAxis, zeroAxis } from '../data/chart-axis.ts';
import { number, tickText, valueText } from '../data/format.ts';
import type { ComparedGroup, StratifiedRatio, TrainingAnswer } from '../data/training-answer.ts';
import { AxisTicks, IntervalMark, KeyMark } from './interval-mark.tsx';

/** Rates are shown like those of the KPI. */
const UNIT = 'per_100_account_days';
const GROUPS = [
  ['trained', 'Trained time'],
  ['untrained', 'Untrained time'],
] as const;

/** Both rates with their intervals, one above the other. */
export function TrainingRates({ answer }: { readonly answer: TrainingAnswer }) {
  const { groups, stratified, window } = answer;
  const axis = zeroAxis(
    [groups.trained, groups.untrained].map(({ rate, ci }) => ({
      value: rate,
      low: ci?.low ?? null,
      high: ci?.high ?? null,
    })),
  );
  return (
    <section class="panel rates" aria-labelledby="training-rates">
      <h2 id="training-rates">Tickets per 100 account-days</h2>
      <figure>
        {GROUPS.map(([name, title]) => (
          <Rate key={name} name={name} title={title} group={groups[name]} axis={axis} />
        ))}
        <AxisTicks axis={axis} text={tickText} />
        <figcaption>
          All time of each group, whatever its tenure and plan. The two differ in more than
          training, so this is not the answer yet.
        </figcaption>
      </figure>
      {stratified !== null && (
        <Difference difference={stratified.difference} isGrowing={window.is_growing} />
      )}
    </section>
  );
}

/** What is left of the difference among comparable time. */
function Difference(options: {
  readonly difference: StratifiedRatio['difference'];
  readonly isGrowing: boolean;
}) {
  const { value, ci } = options.difference;
  const axis = zeroAxis([{ value, ...ci }]);
  const interval = `interval ${signed(ci.low)} to ${ci.high === null ? 'no limit' : signed(ci.high)}`;
  return (
    <figure class="difference">
      <div class="rate">
        <h3>
          <KeyMark shape="ratio" /> Difference, like with like
        </h3>
        <p class="rate-value">
          <strong>{signed(value)}</strong> <span>{interval}</span>
        </p>
        <IntervalMark
          axis={axis}
          value={value}
          ci={ci}
          shape="ratio"
          reference={0}
          label={`Difference, like with like: ${signed(value)}, ${interval}`}
        />
      </div>
      <AxisTicks axis={axis} text={tickText} />
      <figcaption>
        Tickets per 100 account-days, compared within strata only.
        {options.isGrowing &&
          ' This interval is for one look; that of the ratio holds at every look and is longer.'}
      </figcaption>
    </figure>
  );
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${number(value, 2)}`;
}

function Rate(options: {
  readonly name: 'trained' | 'untrained';
  readonly title: string;
  readonly group: ComparedGroup;
  readonly axis: ChartAxis;
}) {
  const { name, title, group, axis } = options;
  const interval =
    group.ci === null
      ? 'no interval'
      : `interval ${valueText(group.ci.low, UNIT)} to ${group.ci.high === null ? 'no limit' : valueText(group.ci.high, UNIT)}`;
  return (
    <div class="rate" data-group={name}>
      <h3>
        <KeyMark shape={name} /> {title}
      </h3>
      <p class="rate-value">
        <strong>{valueText(group.rate, UNIT)}</strong> <span>{interval}</span>
      </p>
      <IntervalMark
        axis={axis}
        value={group.rate}
        ci={group.ci}
        shape={name}
        label={`${title}: ${valueText(group.rate, UNIT)}, ${interval}`}
      />
      <dl>
        <div>
          <dt>Tickets</dt>
          <dd>{number(group.tickets, 0)}</dd>
        </div>
        <div>
          <dt>Account-days</dt>
          <dd>{number(group.account_days, 0)}</dd>
        </div>
        <div>
          <dt>Accounts</dt>
          <dd>{number(group.accounts, 0)}</dd>
        </div>
      </dl>
    </div>
  );
}
