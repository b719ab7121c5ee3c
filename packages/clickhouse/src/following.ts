import { z } from 'zod';

import { type EventBlock } from './event-block.ts';
import { type MigrationTarget, rows, run, withLock } from './migration-lock.ts';
import { sqlText } from './sql-text.ts';

/** Views of events that name other accounts and users than the records do, and what tells them apart; the second does what the first does, too. */
const VIEWS = [
  { file: 'follow-merges', mark: 'merged_subjects' },
  { file: 'place-events', mark: 'merged_and_placed_subjects' },
] as const;

type FollowingView = (typeof VIEWS)[number]['file'];

const FLAG = z.number().transform((flag) => flag === 1);
const HELD = z.array(z.object({ merges: FLAG, memberships: FLAG, unplaced: FLAG }));
const VIEW = z.object({ text: z.string() });

/** What rows hold: merges, memberships, and events that name a user and no account. */
type Held = z.infer<typeof HELD>[number];

/** The view that rows need. No other is used, because each costs every question. */
function viewFor({ merges, memberships, unplaced }: Held): FollowingView | undefined {
  if (memberships && unplaced) return 'place-events';
  return merges ? 'follow-merges' : undefined;
}

async function heldBy({ client, database }: MigrationTarget): Promise<Held> {
  const query = sqlText('queries/find-followed.sql', database);
  const [held] = HELD.parse(await rows(client, query, z.unknown()));
  if (held === undefined) throw new RangeError('one row was expected');
  return held;
}

function heldIn(blocks: readonly EventBlock[]): Held {
  return {
    merges: blocks.some(({ holdsMerges }) => holdsMerges),
    memberships: blocks.some(({ holdsMemberships }) => holdsMemberships),
    unplaced: blocks.some(({ holdsUnplaced }) => holdsUnplaced),
  };
}

/** Several processes may find something to follow at once, and none may undo what another one did. */
async function follow(target: MigrationTarget, view: FollowingView): Promise<void> {
  const { client, database } = target;
  const enough = VIEWS.slice(VIEWS.findIndex(({ file }) => file === view));
  await withLock(target, async () => {
    const views = await rows(client, sqlText('queries/read-view-of-events.sql', database), VIEW);
    const isFollowed = views.some(({ text }) => enough.some(({ mark }) => text.includes(mark)));
    if (!isFollowed) await run(target, `queries/${view}.sql`);
  });
}

/** Follow what the rows of a database ask for. */
export async function followWhatIsThere(target: MigrationTarget): Promise<void> {
  const view = viewFor(await heldBy(target));
  if (view !== undefined) await follow(target, view);
}

/** Follows what rows ask for before they are there, so that nobody reads them without. */
export class Following {
  readonly #target: MigrationTarget;
  readonly #followed = new Map<FollowingView, Promise<void>>();

  constructor(target: MigrationTarget) {
    this.#target = target;
  }

  async before(blocks: readonly EventBlock[]): Promise<void> {
    const held = heldIn(blocks);
    await this.#follow(viewFor(held));
    if (!this.#mayPlace(held)) return;
    const known = await heldBy(this.#target);
    await this.#follow(
      viewFor({
        merges: known.merges,
        memberships: held.memberships || known.memberships,
        unplaced: held.unplaced || known.unplaced,
      }),
    );
  }

  /** Another process may have inserted the other half meanwhile. */
  async after(blocks: readonly EventBlock[]): Promise<void> {
    if (this.#mayPlace(heldIn(blocks))) await this.#follow(viewFor(await heldBy(this.#target)));
  }

  #mayPlace({ memberships, unplaced }: Held): boolean {
    return (memberships || unplaced) && !this.#followed.has('place-events');
  }

  async #follow(view: FollowingView | undefined): Promise<void> {
    if (view === undefined) return;
    const following =
      this.#followed.get(view) ??
      follow(this.#target, view).catch((error: unknown) => {
        this.#followed.delete(view);
        throw error;
      });
    this.#followed.set(view, following);
    await following;
  }
}
