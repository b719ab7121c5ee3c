// @ts-check
/** @import { Entry, KpiValue, Status } from './types.d.ts' */
import { Card } from './card.js';
import { Refusal, get, useKey } from './client.js';
import { exampleCommand } from './example.js';
import { ageText, number } from './format.js';

const REFRESH_MS = 1_000;
const GROUPS_MS = 5_000;
const TREND_MS = 60_000;
const RETRY_MS = 3_000;
/** Events per second are an average over this long: single seconds jump. */
const RATE_MS = 10_000;

/** @param {string} id @returns {HTMLElement} */
function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new TypeError(`the page has no #${id}`);
  return found;
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves when the page is in view: a hidden one asks nothing. */
function inView() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) =>
    document.addEventListener('visibilitychange', resolve, { once: true }),
  );
}

/** @param {'live' | 'lost' | 'wait'} state @param {string} text */
function showConnection(state, text) {
  const pill = byId('connection');
  if (pill.textContent !== text) pill.textContent = text;
  pill.dataset['state'] = state;
}

/** @param {unknown} error */
function showTrouble(error) {
  const isRefusal = error instanceof Refusal;
  const needsKey = isRefusal && (error.code === 'key_missing' || error.code === 'key_forbidden');
  byId('key-form').hidden = !needsKey;
  byId('notice').hidden = needsKey;
  byId('notice').textContent = isRefusal ? error.message : 'The page failed; reload it.';
  showConnection(needsKey ? 'wait' : 'lost', needsKey ? 'API key needed' : 'Not connected');
}

function showHealth() {
  byId('notice').hidden = true;
  byId('key-form').hidden = true;
  showConnection('live', 'Live');
}

/** Events counted at a time, for the rate. @type {{ at: number, events: number }[]} */
const readings = [];

/** @param {Status} status */
function showStatus({ events_counted: events, fresh_at: freshAt }) {
  const at = Date.parse(freshAt);
  readings.push({ at, events });
  while (readings.length > 2 && at - (readings[0]?.at ?? at) > RATE_MS) readings.shift();
  const first = readings[0] ?? { at, events };
  const perSecond = at > first.at ? ((events - first.events) * 1_000) / (at - first.at) : 0;
  byId('events').textContent = number(events, 0);
  byId('rate').textContent = number(Math.max(0, perSecond), perSecond < 10 ? 1 : 0);
}

/** @param {readonly KpiValue[]} values */
function showLastEvent(values) {
  const times = values.flatMap(({ sources }) => Object.values(sources).map((at) => Date.parse(at)));
  const newest = values[0];
  byId('last-event').textContent =
    times.length === 0 || newest === undefined
      ? 'none yet'
      : ageText(Date.parse(newest.as_of) - Math.max(...times));
}

/** @returns {Promise<readonly Card[]>} */
async function openCards() {
  const template = byId('card');
  if (!(template instanceof HTMLTemplateElement)) throw new TypeError('#card is no template');
  for (;;) {
    try {
      /** @type {{ kpis: readonly Entry[] }} */
      const { kpis } = await get('/v1/kpis');
      const cards = kpis.map((entry) => new Card(entry, template));
      byId('kpis').replaceChildren(...cards.map(({ root }) => root));
      byId('kpis').setAttribute('aria-busy', 'false');
      return cards;
    } catch (error) {
      showTrouble(error);
      await pause(RETRY_MS);
    }
  }
}

/**
 * Do `work` again and again, with a rest between, while the page is in view.
 * @param {number} restMs
 * @param {() => Promise<void>} work
 */
async function forever(restMs, work) {
  for (;;) {
    await inView();
    await work().catch(showTrouble);
    await pause(restMs);
  }
}

byId('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = byId('key');
  if (field instanceof HTMLInputElement) useKey(field.value.trim());
});

byId('example').textContent = exampleCommand({
  origin: location.origin,
  now: new Date(),
  id: `try-${Math.random().toString(36).slice(2, 8)}`,
});

const cards = await openCards();
void forever(REFRESH_MS, async () => {
  /** @type {[readonly KpiValue[], Status]} */
  const [values, status] = await Promise.all([
    Promise.all(cards.map((card) => card.refresh())),
    get('/v1/status'),
  ]);
  showStatus(status);
  showLastEvent(values);
  showHealth();
});
void forever(GROUPS_MS, async () => {
  await Promise.all(cards.map((card) => card.refreshGroups()));
});
void forever(TREND_MS, async () => {
  for (const card of cards) await card.refreshTrend();
});
