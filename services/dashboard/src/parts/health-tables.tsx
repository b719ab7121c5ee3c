import type { ComponentChildren } from 'preact';

import type { Engine, Health, Process, Verification } from '../data/answers.ts';
import { ageText, dateTimeText, lengthText, number } from '../data/format.ts';
import { reasonText } from '../data/reasons.ts';

function Panel(options: {
  readonly title: string;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}) {
  const id = `panel-${options.title.toLowerCase().replaceAll(/\W+/g, '-')}`;
  return (
    <section class={options.isWide === true ? 'panel is-wide' : 'panel'} aria-labelledby={id}>
      <h2 id={id}>{options.title}</h2>
      {options.children}
    </section>
  );
}

/** A table that scrolls by itself where it does not fit. */
function Table(options: {
  readonly label: string;
  readonly head: readonly string[];
  readonly children: ComponentChildren;
}) {
  return (
    // It can be focused because it scrolls sideways, also for the keyboard.
    <div class="scroll" role="group" aria-label={options.label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {options.head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{options.children}</tbody>
      </table>
    </div>
  );
}

/** Less than this is a moment's work: its bars stay short. */
const LAG_SHOWN_MIN = 1_000;

/** Lag by consumer and partition. */
export function Partitions({ lag }: { readonly lag: Health['lag'] }) {
  if (lag === null)
    return (
      <Panel title="Lag by partition">
        <p class="quiet">Unknown while Kafka or Redis does not answer.</p>
      </Panel>
    );
  const top = Math.max(
    LAG_SHOWN_MIN,
    ...lag.partitions.flatMap((one) => [one.aggregate, one.archive]),
  );
  return (
    <Panel title="Lag by partition">
      <Table label="Lag by partition" head={['Partition', 'Not yet live', 'Not yet in history']}>
        {lag.partitions.map((one) => (
          <tr key={one.partition}>
            <th scope="row">{one.partition}</th>
            <LagCell count={one.aggregate} top={top} />
            <LagCell count={one.archive} top={top} />
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

function LagCell({ count, top }: { readonly count: number; readonly top: number }) {
  return (
    <td class="lag">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect width={(count / top) * 100} height="6" />
      </svg>
      {number(count, 0)}
    </td>
  );
}

export function SourceTable(options: { readonly sources: Health['sources']; readonly at: string }) {
  const { sources, at } = options;
  if (sources.length === 0)
    return (
      <Panel title="Sources">
        <p class="quiet">No source has sent anything to this tenant yet.</p>
      </Panel>
    );
  return (
    <Panel title="Sources">
      <Table label="Sources" head={['Source', 'Last event', 'Age']}>
        {sources.map(({ source, last_event_at: last }) => (
          <tr key={source}>
            <th scope="row">{source}</th>
            <td>{dateTimeText(last)}</td>
            <td>{ageText(Date.parse(at) - Date.parse(last))}</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

const ENGINE_NAMES: Readonly<Record<string, readonly [string, string]>> = {
  kafka: ['Kafka', 'the log of events'],
  registry: ['Schema registry', 'the form of events'],
  redis: ['Redis', 'the live store'],
  clickhouse: ['ClickHouse', 'the history store'],
};

export function Engines({ engines }: { readonly engines: readonly Engine[] }) {
  return (
    <Panel title="Engines">
      <ul class="engines">
        {engines.map(({ name, state, answer_ms: took }) => {
          const [title, role] = ENGINE_NAMES[name] ?? [name, ''];
          return (
            <li key={name}>
              <span class="status" data-status={state === 'up' ? 'ok' : 'suspect'}>
                {state === 'up' ? 'Up' : 'Down'}
              </span>
              <span>
                {title} <span class="quiet">{role}</span>
              </span>
              <span class="amount">
                {took === null ? 'no answer' : `${number(took, 0)}\u202Fms`}
              </span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

export function Verify(options: { readonly verify: Verification | null; readonly at: string }) {
  const { verify, at } = options;
  return (
    <Panel title="Verification">
      {verify === null ? (
        <p>
          Nobody has compared the live numbers with a recount yet:{' '}
          <code>npm run kpi -- verify</code> does.
        </p>
      ) : (
        <p>
          {lengthText(Date.parse(at) - Date.parse(verify.at))} ago {number(verify.questions, 0)}{' '}
          questions were answered by the live store and by{' '}
          {verify.against === 'history' ? 'ClickHouse' : 'a recount of the log'}, in{' '}
          {lengthText(verify.took_ms)}.{' '}
          <strong>
            {verify.clean
              ? 'All answers are equal.'
              : `${number(verify.disagreements, 0)} answers differ, and ${number(verify.unequal_partitions, 0)} partitions do not hold the same events.`}
          </strong>
        </p>
      )}
    </Panel>
  );
}

export function Processes(options: {
  readonly processes: readonly Process[];
  readonly at: string;
}) {
  const { processes, at } = options;
  return (
    <Panel title="Processes" isWide>
      <Table label="Processes" head={['Service', 'State', 'Host and process', 'Version', 'Up for']}>
        {processes.map((one) => (
          <tr key={`${one.service} ${one.instance}`}>
            <th scope="row">{one.service}</th>
            <td>
              <span class="status" data-status={one.ready ? 'ok' : 'suspect'}>
                {one.ready ? 'Ready' : (one.reason ?? 'Not ready')}
              </span>
            </td>
            <td>{one.instance}</td>
            <td>{one.version}</td>
            <td>{lengthText(Date.parse(at) - Date.parse(one.started_at))}</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

export function DeadLetters(options: {
  readonly letters: Health['dead_letters'];
  readonly at: string;
}) {
  const { latest } = options.letters;
  return (
    <Panel title="Latest dead letters" isWide>
      {latest.length === 0 ? (
        <p class="quiet">
          None. A refused event is kept here with its reason until it is replayed or dropped.
        </p>
      ) : (
        <Table
          label="Latest dead letters"
          head={['Reason', 'Field', 'Source', 'Came by', 'Refused']}
        >
          {latest.map((letter, index) => (
            <tr key={`${letter.refused_at} ${index}`}>
              <th scope="row" title={letter.reason}>
                {reasonText(letter.reason)}
              </th>
              <td>{letter.path === null ? '' : <code>{letter.path}</code>}</td>
              <td>{letter.source ?? 'unknown'}</td>
              <td>{letter.origin}</td>
              <td title={letter.refused_at}>
                {ageText(Date.parse(options.at) - Date.parse(letter.refused_at))}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
