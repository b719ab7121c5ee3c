// @ts-check
/** @import { KpiValue } from './types.d.ts' */
import { dayText, valueText } from './format.js';
import { HEIGHT, WIDTH, plotOf } from './geometry.js';

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Draw a trend into `place` and describe it in `caption`; following it with the pointer shows each day.
 * @param {{ place: Element, caption: Element, title: string }} target
 * @param {readonly KpiValue[]} points
 */
export function drawTrend(target, points) {
  const { place, caption, title } = target;
  const plot = plotOf(points);
  const [first] = points;
  if (plot === undefined || first === undefined) {
    place.replaceChildren();
    caption.textContent = 'A trend appears once there are two days of values';
    return;
  }
  const range = `${valueText(plot.low, first.unit)} to ${valueText(plot.high, first.unit)}`;
  const svg = element('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: 'none',
    role: 'img',
  });
  svg.setAttribute('aria-label', `${title}: ${points.length} days between ${range}`);
  const cursor = element('line', {
    class: 'cursor',
    y1: '0',
    y2: String(HEIGHT),
    visibility: 'hidden',
  });
  svg.append(
    element('line', {
      class: 'floor',
      x1: '0',
      x2: String(WIDTH),
      y1: String(HEIGHT),
      y2: String(HEIGHT),
    }),
    element('path', { class: 'band', d: plot.band }),
    element('path', { class: 'line', d: plot.line }),
    cursor,
  );
  const rest = [
    `${dayText(first.as_of)} \u2013 ${dayText(points.at(-1)?.as_of ?? first.as_of)}`,
    range,
  ];
  say(caption, rest);
  svg.addEventListener('pointermove', (event) => {
    const box = svg.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    const index = Math.min(points.length - 1, Math.max(0, Math.round(share * (points.length - 1))));
    const point = points[index];
    if (point === undefined) return;
    const x = String(plot.x(index));
    for (const [name, value] of Object.entries({ x1: x, x2: x, visibility: 'visible' }))
      cursor.setAttribute(name, value);
    say(caption, [dayText(point.as_of), valueText(point.value, point.unit)]);
  });
  svg.addEventListener('pointerleave', () => {
    cursor.setAttribute('visibility', 'hidden');
    say(caption, rest);
  });
  place.replaceChildren(svg);
}

/**
 * An interval as a line with the value as a dot, on a common scale.
 * @param {KpiValue} value
 * @param {{ low: number, high: number }} scale
 * @returns {SVGElement}
 */
export function whisker(value, scale) {
  const span = scale.high - scale.low || 1;
  /** @param {number} at */
  const x = (at) => String(3 + ((Math.min(scale.high, at) - scale.low) / span) * 194);
  const svg = element('svg', { class: 'whisker', viewBox: '0 0 200 12', 'aria-hidden': 'true' });
  if (value.value === null) return svg;
  if (value.ci !== null) {
    svg.append(
      element('line', {
        x1: x(value.ci.low),
        x2: x(value.ci.high ?? scale.high),
        y1: '6',
        y2: '6',
      }),
    );
  }
  svg.append(element('circle', { cx: x(value.value), cy: '6', r: '3.2' }));
  return svg;
}

/** @param {Element} caption @param {readonly string[]} parts */
function say(caption, parts) {
  caption.replaceChildren(
    ...parts.map((part) => {
      const span = document.createElement('span');
      span.textContent = part;
      return span;
    }),
  );
}

/** @param {string} name @param {Readonly<Record<string, string>>} attributes @returns {SVGElement} */
function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  if (!(made instanceof SVGElement)) throw new TypeError(`${name} is no SVG element`);
  return made;
}
