import { type ChartAxis, ratioAxis } from '../data/chart-axis.ts';
import { number, percent, tickText, valueText } from '../data/format.ts';
import type { ComparedCell, Stratum, TrainingAnswer } from '../data/training-answer.ts';
import {
  groupStrata,
  listText,
  probabilityText,
  ratioIntervalText,
  ratioText,
} from '../data/training-words.ts';
import { AxisTicks, IntervalMark, KeyMark } from './interval-mark.tsx';

const UNIT = 'per_100_account_days';
const PER_DAYS = 100;
/** Percent of the width of a panel, which holds few numbers. */
const TICKS_APART = 17;

/** Each stratum in a panel of its own, on common axes: where like is compared with like, and where there is nothing to compare with. */
export function TrainingStrata({ answer }: { readonly answer: TrainingAnswer }) {
  const { strata, stratified, stratified_by: by } = answer;
  const axis = ratioAxis(
    strata.map(({ ratio, ci }) => ({
      value: shown(ratio),
      low: shown(ci?.low ?? null),
      high: shown(ci?.high ?? null),
    })),
    TICKS_APART,
  );
  const longest = Math.max(
    1,
    ...strata.flatMap(({ trained, untrained }) => [trained.account_days, untrained.account_days]),
  );
  return (
    <section class="panel is-wide strata" aria-labelledby="training-strata">
      <h2 id="training-strata">By {by.length === 0 ? 'nothing' : listText(by)}</h2>
      {stratified === null ? (
        <p class="quiet">Nothing can be compared within strata yet.</p>
      ) : (
        <Overlap stratified={stratified} />
      )}
      {groupStrata(strata, by).map(({ heading, strata: members }) => (
        <div key={heading} class="strata-group">
          {heading !== '' && <h3>{heading}</h3>}
          <ul>
            {members.map(({ name, stratum }) => (
              <li key={stratum.stratum}>
                <Panel name={name} stratum={stratum} axis={axis} longest={longest} />
              </li>
            ))}
          </ul>
        </div>
      ))}
      <p class="quiet strata-note">
        Ratios are trained over untrained on a common logarithmic axis; bars are account-days on a
        common scale. Intervals of single strata take tickets as independent and are rather short.
      </p>
    </section>
  );
}

/** A stratum with hardly any time may have any ratio: it does not push the others together. */
const FARTHEST = 6;

function shown(ratio: number | null): number | null {
  return ratio === null ? null : Math.min(FARTHEST, Math.max(1 / FARTHEST, ratio));
}

/** How much of the time is compared at all, and whether the strata agree. */
function Overlap({
  stratified: { overlap, homogeneity },
}: {
  readonly stratified: NonNullable<TrainingAnswer['stratified']>;
}) {
  const shares = [
    ['trained', 'of trained time', overlap.trained_time],
    ['untrained', 'of untrained time', overlap.untrained_time],
  ] as const;
  return (
    <div class="overlap">
      {shares.map(([group, text, share]) => (
        <p key={group} data-group={group}>
          <strong>{percent(share, 0)}</strong> {text} is compared
          <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
            <rect width={share * 100} height="6" />
          </svg>
        </p>
      ))}
      <p>
        {homogeneity === null
          ? 'Whether the strata agree cannot be said yet.'
          : homogeneity.p_value < HOMOGENEITY_P
            ? `The ratio is not the same in all strata (${probabilityText(homogeneity.p_value)}): look at each.`
            : `Differences between the strata are no larger than chance makes them (${probabilityText(homogeneity.p_value)}).`}
      </p>
    </div>
  );
}

/** Below this the strata are said to differ (STATISTICS 5). */
const HOMOGENEITY_P = 0.1;

function Panel(options: {
  readonly name: string;
  readonly stratum: Stratum;
  readonly axis: ChartAxis;
  readonly longest: number;
}) {
  const { name, stratum, axis, longest } = options;
  const { ratio, ci, is_used: isUsed, trained, untrained } = stratum;
  return (
    <div class="stratum" data-used={isUsed}>
      <h4>{name}</h4>
      <p class="stratum-ratio">
        <strong>{ratioText(isUsed ? ratio : null)}</strong>
        <span>{isUsed ? sureText(stratum) : unusedText(stratum)}</span>
      </p>
      <IntervalMark
        axis={axis}
        value={isUsed ? ratio : null}
        ci={isUsed ? ci : null}
        shape="ratio"
        reference={1}
        label={
          isUsed
            ? `Ratio ${ratioText(ratio)}, ${sureText(stratum)}`
            : `No ratio: ${unusedText(stratum)}`
        }
      />
      <AxisTicks axis={axis} text={tickText} />
      <table>
        <caption class="unseen">Rates and time, {stratum.stratum}</caption>
        <thead class="unseen">
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Tickets per 100 account-days</th>
            <th scope="col">Account-days</th>
          </tr>
        </thead>
        <tbody>
          <Cell shape="trained" cell={trained} longest={longest} />
          <Cell shape="untrained" cell={untrained} longest={longest} />
        </tbody>
      </table>
    </div>
  );
}

/** The interval, or why there is none. */
function sureText({ ci, trained, untrained }: Stratum): string {
  if (ci !== null) return ratioIntervalText(ci);
  if (trained.tickets + untrained.tickets === 0) return 'no tickets';
  return `no tickets in ${trained.tickets === 0 ? 'trained' : 'untrained'} time`;
}

function unusedText({ trained }: Stratum): string {
  return `Not used: no ${trained.account_days === 0 ? 'trained' : 'untrained'} time`;
}

function Cell(options: {
  readonly shape: 'trained' | 'untrained';
  readonly cell: ComparedCell;
  readonly longest: number;
}) {
  const { shape, cell, longest } = options;
  const { tickets, account_days: length } = cell;
  const rate = length === 0 ? null : (tickets / length) * PER_DAYS;
  return (
    <tr data-group={shape} title={`${number(tickets, 0)} tickets`}>
      <th scope="row">
        <KeyMark shape={shape} />
        <span class="unseen">{shape}</span>
      </th>
      <td>{valueText(rate, UNIT)}</td>
      <td class="time">
        <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
          <rect width={(length / longest) * 100} height="8" />
        </svg>
        <span>
          {number(length, 0)}
          <span class="unit"> d</span>
        </span>
      </td>
    </tr>
  );
}
