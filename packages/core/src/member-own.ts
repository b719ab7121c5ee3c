import { type UnitList } from './contribution.ts';
import { PART } from './entity.ts';
import { type Candidate, type Making, candidate } from './member-making.ts';
import { EVERYTHING, ownHistories } from './own-units.ts';

/** Accounts, users and entrants of cohorts that a KPI of one's own tells apart. */
export function ownCandidates(making: Making): readonly Candidate[] {
  const { home, account, wanted, definitions } = making;
  const options = { account, ...home.key, definitions };
  const lists = ownHistories(home.home, options, EVERYTHING).filter(({ name }) => wanted.has(name));
  return lists.flatMap((list) => {
    switch (list.name) {
      case 'own_account':
        return list.units.map((unit) =>
          candidate(making, { ...OWN_ACCOUNT, at: null, units: [{ ...list, units: [unit] }] }),
        );
      case 'own_user':
        return list.units.map((unit) => {
          const user = unit.events[0]?.user ?? '';
          const units: readonly UnitList[] = [{ ...list, units: [unit] }];
          return candidate(making, { ...ownUser(user), at: null, units });
        });
      case 'own_entrant':
        return list.units.map((unit) => {
          const { at, user } = unit.entry;
          const units: readonly UnitList[] = [{ ...list, units: [unit] }];
          const own = definitions.ownKpis.find(({ id }) => id === unit.kpiId);
          const isUser = own?.type === 'cohort_ratio' && own.per === 'user';
          const who = isUser ? ownUser(user) : OWN_ACCOUNT;
          return candidate(making, { ...who, name: `${who.name}${PART}${unit.kpiId}`, at, units });
        });
      default:
        return [];
    }
  });
}

const OWN = 'own';
const OWN_ACCOUNT = { kind: 'account', name: OWN, ids: {} } as const;

function ownUser(user: string): Pick<Candidate, 'kind' | 'name' | 'ids'> {
  return { kind: 'user', name: `${OWN}${PART}${user}`, ids: { user_id: user } };
}
