import { z } from 'zod';

import { type EventBlock } from './event-block.ts';
import { type MigrationTarget, rows, run, withLock } from './migration-lock.ts';
import { sqlText } from './sql-text.ts';

/** What makes events name other accounts and users than their records do; each view of events follows what those before it do, too. */
const FOLLOWED = [
  { name: 'merges', find: 'find-merge', view: 'follow-merges', mark: 'merged_subjects' },
  {
    name: 'unplaced',
    find: 'find-unplaced',
    view: 'place-events',
    mark: 'merged_and_placed_subjects',
  },
] as const;

type Followed = (typeof FOLLOWED)[number]['name'];

const FOUND = z.object({ found: z.number() });
const VIEW = z.object({ text: z.string() });

/**
 * From now on events name the accounts and users that theirs were merged into, and where something is unplaced the accounts, too, to
 * which their users belonged. It is not followed before, because it costs every question.
 */
async function follow(target: MigrationTarget, what: Followed): Promise<void> {
  const { client, database } = target;
  const wanted = FOLLOWED.slice(FOLLOWED.findIndex(({ name }) => name === what));
  const [least] = wanted;
  // Several processes may find something to follow at once, and none may undo what another one did.
  await withLock(target, async () => {
    const views = await rows(client, sqlText('queries/read-view-of-events.sql', database), VIEW);
    const isFollowed = views.some(({ text }) => wanted.some(({ mark }) => text.includes(mark)));
    if (!isFollowed && least !== undefined) await run(target, `queries/${least.view}.sql`);
  });
}

async function isThere({ client, database }: MigrationTarget, file: string): Promise<boolean> {
  return (await rows(client, sqlText(`queries/${file}.sql`, database), FOUND)).length > 0;
}

/** Follow what the rows of a database ask for. */
export async function followWhatIsThere(target: MigrationTarget): Promise<void> {
  for (const { name, find } of FOLLOWED.toReversed()) {
    if (!(await isThere(target, find))) continue;
    await follow(target, name);
    return;
  }
}

/** Follows what rows ask for before they are there, so that nobody reads them without. */
export class Following {
  readonly #target: MigrationTarget;
  readonly #followed = new Map<Followed, Promise<void>>();

  constructor(target: MigrationTarget) {
    this.#target = target;
  }

  async before(blocks: readonly EventBlock[]): Promise<void> {
    if (blocks.some(({ holdsMerges }) => holdsMerges)) await this.#follow('merges');
    if (!this.#mayPlace(blocks)) return;
    const holdsMemberships = blocks.some((block) => block.holdsMemberships);
    const holdsUnplaced = blocks.some((block) => block.holdsUnplaced);
    const hasBoth =
      (holdsMemberships || (await isThere(this.#target, 'find-memberships'))) &&
      (holdsUnplaced || (await isThere(this.#target, 'find-unplaced-user')));
    if (hasBoth) await this.#follow('unplaced');
  }

  /** Another process may have inserted the other half meanwhile. */
  async after(blocks: readonly EventBlock[]): Promise<void> {
    if (this.#mayPlace(blocks) && (await isThere(this.#target, 'find-unplaced')))
      await this.#follow('unplaced');
  }

  #mayPlace(blocks: readonly EventBlock[]): boolean {
    if (this.#followed.has('unplaced')) return false;
    return blocks.some(({ holdsMemberships, holdsUnplaced }) => holdsMemberships || holdsUnplaced);
  }

  #follow(what: Followed): Promise<void> {
    const known = this.#followed.get(what);
    if (known !== undefined) return known;
    const following = follow(this.#target, what).catch((error: unknown) => {
      this.#followed.delete(what);
      throw error;
    });
    this.#followed.set(what, following);
    return following;
  }
}
