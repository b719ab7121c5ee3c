import { isOfValue } from './action-facts.ts';
import { type Definitions } from './definitions.ts';
import { factsOf } from './event-facts.ts';
import { type KpiEvent } from './events.gen.ts';
import { compareText, isKind } from './fact.ts';
import { type HomeKey, homeKey, parseHomeKey } from './home-key.ts';
import { Home, type PlacedFact } from './home.ts';
import { settle } from './shared-users.ts';

/** What a home knows, and beside its facts what only KPIs that are served from history read. */
export interface MemberHome {
  readonly key: HomeKey;
  readonly home: Home;
  /** First value event of the account, ms; Infinity when there is none. */
  readonly firstValueAt: number;
  /** Users whose first start of onboarding was in this account, or in none. */
  readonly learners: readonly Learner[];
}

/** A user who started onboarding, with all courses they ever completed, wherever that was. */
export interface Learner {
  readonly user: string;
  readonly startedAt: number;
  readonly completions: readonly { readonly course: string; readonly at: number }[];
}

/** Product use of an account, as far as KPIs read it. */
export interface ActivitySummary {
  readonly facts: readonly PlacedFact[];
  readonly firstValueAt: number;
}

interface Start {
  readonly at: number;
  readonly eventId: string;
  readonly source: string;
  readonly key: string;
}

/**
 * Homes made from the effective events of some subjects of one tenant: no retractions, nothing that is taken back, one payload
 * per event. For a user who has several homes the events of all of them are needed; where they are, each home is whole.
 */
export class MemberHomes {
  readonly #definitions: Definitions;
  readonly #homes = new Map<string, Home>();
  readonly #firstValueAt = new Map<string, number>();
  readonly #starts = new Map<string, Start>();
  readonly #completions = new Map<string, { readonly course: string; readonly at: number }[]>();
  #isSettled = false;

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** An event of the home with this key. One that is `isPlaced` names no account, and has that of its user. */
  take(key: string, event: KpiEvent, isPlaced = false): void {
    const { event_type: type, occurred_at: at, user_id: user } = event;
    const facts = factsOf(event, 0, this.#definitions);
    this.#merge(key, isPlaced ? facts.map(placedTicket) : facts);
    if (type === 'product.action_performed') {
      const done = { action: event.action, isValueEvent: event.is_value_event };
      if (isOfValue(done, this.#definitions)) this.#note(key, at);
    }
    if (user === null) return;
    if (type === 'onboarding.started')
      this.#start(user, { at, eventId: event.event_id, source: event.source, key });
    if (type !== 'lms.course_completed') return;
    const completions = this.#completions.get(user) ?? [];
    completions.push({ course: event.course_id, at });
    this.#completions.set(user, completions);
  }

  /** The product use of a home, instead of its events. One of which nothing else is effective has no members. */
  takeActivity(key: string, { facts, firstValueAt }: ActivitySummary): void {
    if (!this.#homes.has(key)) return;
    this.#merge(key, facts);
    this.#note(key, firstValueAt);
  }

  /** The home of a subject; an empty one when nothing is known of it. */
  of(tenantId: string, subject: string): MemberHome {
    if (!this.#isSettled) settle(this.#homes);
    this.#isSettled = true;
    const key = homeKey(tenantId, subject);
    const learners = [...this.#starts]
      .filter(([, start]) => start.key === key)
      .map(([user, { at }]) => ({
        user,
        startedAt: at,
        completions: this.#completions.get(user) ?? [],
      }));
    return {
      key: parseHomeKey(key),
      home: this.#homes.get(key) ?? new Home(),
      firstValueAt: this.#firstValueAt.get(key) ?? Infinity,
      learners,
    };
  }

  #merge(key: string, facts: readonly PlacedFact[]): void {
    const home = this.#homes.get(key) ?? new Home();
    this.#homes.set(key, home);
    home.mergeAll(facts);
  }

  #note(key: string, at: number): void {
    this.#firstValueAt.set(key, Math.min(at, this.#firstValueAt.get(key) ?? Infinity));
  }

  #start(user: string, start: Start): void {
    const known = this.#starts.get(user);
    if (known === undefined || isEarlier(start, known)) this.#starts.set(user, start);
  }
}

function placedTicket({ entity, fact }: PlacedFact): PlacedFact {
  return { entity, fact: isKind(fact, 'ticket') ? { ...fact, isPlaced: true } : fact };
}

function isEarlier(a: Start, b: Start): boolean {
  if (a.at !== b.at) return a.at < b.at;
  return (compareText(a.eventId, b.eventId) || compareText(a.source, b.source)) < 0;
}
