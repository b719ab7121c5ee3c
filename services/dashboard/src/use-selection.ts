import { useState } from 'preact/hooks';

/** What of the KPIs is shown: a window, empty for each KPI's own, and a dimension, empty for none. */
export interface Selection {
  readonly window: string;
  readonly split: string;
}

/** The selection is part of the address, so that a view can be sent to somebody. */
export function useSelection(): readonly [Selection, (change: Partial<Selection>) => void] {
  const [selection, setSelection] = useState(readSelection);
  const select = (change: Partial<Selection>): void => {
    const next = { ...selection, ...change };
    setSelection(next);
    const query = new URLSearchParams(Object.entries(next).filter(([, value]) => value !== ''));
    history.replaceState(null, '', query.size === 0 ? location.pathname : `?${query}`);
  };
  return [selection, select];
}

const NAME = /^\w{0,40}$/;

function readSelection(): Selection {
  const asked = new URLSearchParams(location.search);
  const read = (name: string): string => {
    const text = asked.get(name) ?? '';
    return NAME.test(text) ? text : '';
  };
  return { window: read('window'), split: read('split') };
}
