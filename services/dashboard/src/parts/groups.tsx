import type { KpiValue } from '../data/answers.ts';
import { dimensionText, groupText, intervalText, number, valueText } from '../data/format.ts';

export interface GroupsOptions {
  readonly dimension: string;
  /** Whether the KPI has this dimension. */
  readonly isKnown: boolean;
  readonly groups: readonly KpiValue[];
}

/** The same KPI by the values of a dimension, each with its interval on a common scale. */
export function Groups({ dimension, isKnown, groups }: GroupsOptions) {
  const name = dimensionText(dimension);
  if (!isKnown) return <p class="quiet">It cannot be split by {name}.</p>;
  if (groups.length === 0) return <p class="quiet">No groups by {name} yet.</p>;
  const scale = scaleOf(groups);
  return (
    <div class="groups">
      <table>
        <caption class="unseen">By {name}</caption>
        <thead>
          <tr>
            <th scope="col">{name}</th>
            <th scope="col">Value</th>
            <th scope="col" class="wide">
              Interval
            </th>
            <th scope="col">n</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((value) => {
            const group = groupText(value.segment[dimension] ?? '');
            return (
              <tr key={group}>
                <th scope="row" title={group}>
                  {group}
                </th>
                <td>{valueText(value.value, value.unit)}</td>
                <td class="wide">
                  <Whisker value={value} scale={scale} />
                  <span class="unseen">{intervalText(value) || 'none'}</span>
                </td>
                <td>{value.n === null ? 'withheld' : number(value.n, 0)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface Scale {
  readonly low: number;
  readonly high: number;
}

/** An interval reaches this many times the highest value at most; beyond it is cut, or nothing else could be seen. */
const REACH_MAX = 3;

/** The range that holds every value and, within reason, its interval. */
function scaleOf(values: readonly KpiValue[]): Scale {
  const known = values.flatMap(({ value }) => (value === null ? [] : [value]));
  const highest = Math.max(0, ...known);
  const ends = values.flatMap(({ ci }) => (ci === null || ci.high === null ? [] : [ci.high]));
  return {
    low: Math.min(0, ...known),
    high: Math.max(highest, Math.min(Math.max(0, ...ends), highest * REACH_MAX)),
  };
}

const WIDTH = 200;
const MARGIN = 4;

function Whisker({ value, scale }: { readonly value: KpiValue; readonly scale: Scale }) {
  if (value.value === null) return null;
  const span = scale.high - scale.low || 1;
  const x = (at: number): number =>
    MARGIN + ((Math.min(scale.high, at) - scale.low) / span) * (WIDTH - 2 * MARGIN);
  return (
    <svg class="whisker" viewBox={`0 0 ${WIDTH} 12`} aria-hidden="true">
      {value.ci !== null && (
        <line x1={x(value.ci.low)} x2={x(value.ci.high ?? scale.high)} y1="6" y2="6" />
      )}
      <circle cx={x(value.value)} cy="6" r="3.5" />
    </svg>
  );
}
