import { useState } from 'preact/hooks';

import { HISTORY_DEADLINE_MS } from '../data/client.ts';
import { type Member, type Members, countsText, membersPath } from '../data/members.ts';
import { useAnswer } from '../data/use-answer.ts';

/** History tells the same for about as long. */
const READ_MS = 60_000;

export interface MembersOptions {
  readonly id: string;
  readonly title: string;
  readonly window: string;
}

/** The first of those who count, or of those who do not, with the reason. Read only while it is open. */
export function KpiMembers(options: MembersOptions) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        Who counts<span class="unseen"> in {options.title}</span>
      </summary>
      {isOpen && <Listing {...options} />}
    </details>
  );
}

function Listing({ id, title, window }: MembersOptions) {
  const [isCounted, setCounted] = useState(true);
  const path = membersPath(id, { window, isCounted });
  const { answer, refusal } = useAnswer<Members>(path, {
    everyMs: READ_MS,
    deadlineMs: HISTORY_DEADLINE_MS,
  });
  return (
    <>
      <label>
        Show{' '}
        <select
          aria-label={`Units of ${title}`}
          value={String(isCounted)}
          onChange={({ currentTarget }) => setCounted(currentTarget.value === 'true')}
        >
          <option value="true">who counts</option>
          <option value="false">who does not</option>
        </select>
      </label>
      {answer === undefined ? (
        <p>{refusal === undefined ? 'Reading …' : refusal.message}</p>
      ) : (
        <Rows answer={answer} />
      )}
    </>
  );
}

function Rows({ answer }: { readonly answer: Members }) {
  const { members, next, withheld } = answer;
  if (withheld) return <p>Withheld: too few units are behind the value.</p>;
  if (members.length === 0) return <p>Nobody{next === null ? '' : ' among the first'}.</p>;
  return (
    <>
      <table>
        <thead>
          <tr>
            <th scope="col">Unit</th>
            <th scope="col">Counts in</th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          {members.map((member, index) => (
            <Row key={`${index} ${Object.values(member.ids).join(' ')}`} member={member} />
          ))}
        </tbody>
      </table>
      {next !== null && <p>There are more: kpi members lists all of them.</p>}
    </>
  );
}

function Row({ member }: { readonly member: Member }) {
  const { unit, ids, reason } = member;
  return (
    <tr>
      <th scope="row" title={unit}>
        {Object.values(ids).join(' · ')}
      </th>
      <td>{countsText(member)}</td>
      <td title={reason?.code}>{reason?.text ?? ''}</td>
    </tr>
  );
}
