// @ts-check
/** @import { Entry, Groups, KpiValue } from './types.d.ts' */
import { HISTORY_DEADLINE_MS, Refusal, get } from './client.js';
import {
  ageText,
  basisText,
  changeText,
  dimensionText,
  groupText,
  headline,
  intervalText,
  number,
  statusText,
  timeText,
  unitText,
  valueText,
  windowText,
} from './format.js';
import { pointBefore } from './geometry.js';
import { drawTrend, whisker } from './trend.js';

/** Statuses under which a comparison would say more than the data does. */
const NOT_COMPARABLE = new Set(['no_data', 'suspect', 'low_n']);

/** One KPI on the page. It reads when it is told to; it starts nothing by itself. */
export class Card {
  /** @type {Entry} */ #entry;
  /** @type {HTMLElement} */ #root;
  /** @type {string} */ #window;
  /** @type {readonly KpiValue[]} */ #history = [];
  #shown = '';

  /** @param {Entry} entry @param {HTMLTemplateElement} template */
  constructor(entry, template) {
    this.#entry = entry;
    this.#window = entry.default_window;
    const root = template.content.firstElementChild?.cloneNode(true);
    if (!(root instanceof HTMLElement)) throw new TypeError('the card template is empty');
    this.#root = root;
    this.#part('h2').textContent = entry.title;
    this.#part('.badge').textContent = 'Reading';
    this.#part('.unit').textContent = unitText(entry.unit);
    this.#offerWindows();
    this.#offerGroups();
    this.#define();
  }

  /** @returns {HTMLElement} */
  get root() {
    return this.#root;
  }

  /** Show the current value. @returns {Promise<KpiValue>} */
  async refresh() {
    const window = this.#window;
    /** @type {KpiValue} */
    const value = await get(`/v1/kpis/${this.#entry.id}?window=${window}`);
    if (window === this.#window) this.#show(value);
    return value;
  }

  /** Show the trend of the last 90 days. Without a history, it says so in place: live values do not depend on it. */
  async refreshTrend() {
    const window = this.#window;
    const caption = this.#part('figcaption');
    try {
      const path = `/v1/kpis/${this.#entry.id}/history?window=${window}`;
      /** @type {{ points: readonly KpiValue[] }} */
      const { points } = await get(path, HISTORY_DEADLINE_MS);
      if (window !== this.#window) return;
      this.#history = points;
      drawTrend({ place: this.#part('.plot'), caption, title: this.#entry.title }, points);
    } catch (error) {
      caption.textContent = `No trend: ${error instanceof Refusal ? error.message : 'the page failed'}`;
    }
  }

  /** Show the break-down if it is open. */
  async refreshGroups() {
    const details = this.#part('.groups');
    if (!(details instanceof HTMLDetailsElement) || !details.open) return;
    const by = this.#select().value;
    /** @type {Groups} */
    const { values } = await get(`/v1/kpis/${this.#entry.id}?window=${this.#window}&by=${by}`);
    const scale = scaleOf(values);
    this.#part('.dimension').textContent = dimensionText(by);
    this.#part('tbody').replaceChildren(...values.map((value) => groupRow(value, by, scale)));
  }

  /** @param {KpiValue} value */
  #show(value) {
    const text = value.value === null ? 'No data yet' : headline(value);
    const figure = this.#part('.number');
    figure.textContent = text;
    figure.classList.toggle('is-empty', value.value === null);
    if (this.#shown !== '' && this.#shown !== text) this.#announceChange(figure);
    this.#shown = text;
    this.#part('.unit').textContent = value.value === null ? '' : unitText(value.unit);
    const badge = this.#part('.badge');
    badge.textContent = value.status === 'no_data' ? 'Waiting' : statusText(value.status);
    badge.dataset['status'] = value.status;
    this.#part('.change').textContent = this.#change(value);
    this.#part('.interval').textContent = intervalText(value);
    this.#part('.basis').textContent =
      value.value === null ? 'It appears with the first events that count' : basisText(value);
    this.#part('.notes').replaceChildren(...notesOf(value).map((note) => textElement('li', note)));
    this.#part('.meta').textContent = metaText(value);
  }

  /** @param {HTMLElement} figure */
  #announceChange(figure) {
    figure.classList.remove('is-new');
    requestAnimationFrame(() => figure.classList.add('is-new'));
  }

  /** @param {KpiValue} value */
  #change(value) {
    const windowMs = Date.parse(value.window.to) - Date.parse(value.window.from);
    const before = pointBefore(this.#history, windowMs);
    if (value.value === null || before === undefined || before.value === null) return '';
    if (NOT_COMPARABLE.has(value.status) || NOT_COMPARABLE.has(before.status)) return '';
    return `${changeText(value.value, before.value, value.unit)} in ${windowText(this.#window)}`;
  }

  #offerWindows() {
    const { id, windows } = this.#entry;
    this.#part('.windows').append(
      ...windows.map(({ window }) => {
        const label = textElement('label', windowText(window));
        const input = document.createElement('input');
        Object.assign(input, {
          type: 'radio',
          name: `window-${id}`,
          value: window,
          checked: window === this.#window,
        });
        input.addEventListener('change', () => this.#choose(window));
        label.append(input);
        return label;
      }),
    );
  }

  /** @param {string} window */
  #choose(window) {
    this.#window = window;
    this.#shown = '';
    this.#history = [];
    void Promise.allSettled([this.refresh(), this.refreshTrend(), this.refreshGroups()]);
  }

  #offerGroups() {
    const select = this.#select();
    select.append(...this.#entry.dimensions.map((name) => new Option(dimensionText(name), name)));
    const refresh = () => void Promise.allSettled([this.refreshGroups()]);
    select.addEventListener('change', refresh);
    this.#part('.groups').addEventListener('toggle', refresh);
  }

  #define() {
    const { id, description, definition_version: version, variants, events } = this.#entry;
    this.#part('.definition p').textContent = description;
    const rows = [
      ['id', `${id}, definition ${version}`],
      [
        'variants',
        variants
          .slice(1)
          .map((variant) => `${variant.id} (${variant.title})`)
          .join(', ') || 'none',
      ],
      ['events', events.join(', ')],
    ];
    this.#part('.definition dl').append(
      ...rows.flatMap(([term = '', text = '']) => [
        textElement('dt', term),
        textElement('dd', text),
      ]),
    );
  }

  /** @param {string} selector @returns {HTMLElement} */
  #part(selector) {
    const found = this.#root.querySelector(selector);
    if (!(found instanceof HTMLElement)) throw new TypeError(`the card has no ${selector}`);
    return found;
  }

  /** @returns {HTMLSelectElement} */
  #select() {
    const found = this.#part('.groups select');
    if (!(found instanceof HTMLSelectElement)) throw new TypeError('the break-down has no select');
    return found;
  }
}

/** @param {KpiValue} value @returns {readonly string[]} */
function notesOf(value) {
  return value.status === 'no_data'
    ? []
    : value.notes.map((note) => note.replace(/^[a-z_]+: /, ''));
}

/** @param {KpiValue} value */
function metaText(value) {
  const times = Object.values(value.sources).map((at) => Date.parse(at));
  const origin = value.served_from === 'live' ? 'live' : 'from history';
  const last =
    times.length === 0
      ? ''
      : ` \u00B7 last event ${ageText(Date.parse(value.as_of) - Math.max(...times))}`;
  return `As of ${timeText(value.as_of)}${last} \u00B7 ${origin}`;
}

/** @param {KpiValue} value @param {string} by @param {{ low: number, high: number }} scale */
function groupRow(value, by, scale) {
  const row = document.createElement('tr');
  const group = groupText(value.segment[by] ?? '');
  const name = textElement('th', group);
  name.title = group;
  name.setAttribute('scope', 'row');
  const interval = document.createElement('td');
  interval.append(whisker(value, scale));
  interval.title = intervalText(value);
  row.append(
    name,
    textElement('td', valueText(value.value, value.unit)),
    interval,
    textElement('td', value.n === null ? 'withheld' : number(value.n, 0)),
  );
  return row;
}

/** The range that holds every value and, within reason, its interval. @param {readonly KpiValue[]} values */
function scaleOf(values) {
  const known = values.flatMap(({ value }) => (value === null ? [] : [value]));
  const highest = Math.max(0, ...known);
  const ends = values.flatMap(({ ci }) => (ci === null || ci.high === null ? [] : [ci.high]));
  return {
    low: Math.min(0, ...known),
    high: Math.max(highest, Math.min(Math.max(0, ...ends), highest * 3)),
  };
}

/** @param {string} name @param {string} text @returns {HTMLElement} */
function textElement(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
