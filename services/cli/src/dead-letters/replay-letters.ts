import { Fault } from '@kpi/core';

import { Interrupted } from '../interrupted.ts';
import type { Edit } from './edit.ts';
import type { LetterClient, LetterFilters, LetterToReplay, ReplayResult } from './letter-client.ts';

/** Letters by id, or all that fit. */
export type LetterChoice =
  | { readonly ids: readonly string[] }
  | { readonly filters: LetterFilters };

export interface PassOptions {
  readonly client: LetterClient;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, all: number) => void;
}

/** Letters of one request. Few, so that an answer never takes long. */
const LETTERS_AT_ONCE = 25;

/** Send letters again, in order of refusal; `edit` changes each first. One that cannot be changed counts as refused. */
export async function replayLetters(
  choice: LetterChoice,
  edit: Edit | undefined,
  options: PassOptions,
): Promise<readonly ReplayResult[]> {
  const results: ReplayResult[] = [];
  for await (const { ids, total } of pagesOf(choice, options)) {
    const prepared: LetterToReplay[] = [];
    for (const id of ids) {
      const letter = edit === undefined ? { id } : await editLetter(id, edit, options);
      if ('outcome' in letter) results.push(letter);
      else prepared.push(letter);
    }
    if (prepared.length > 0) results.push(...(await options.client.replay(prepared)));
    options.onProgress(results.length, total);
  }
  return results;
}

/** Remove letters for good. */
export async function dropLetters(
  choice: LetterChoice,
  options: PassOptions,
): Promise<{ readonly dropped: readonly string[]; readonly missing: readonly string[] }> {
  const dropped: string[] = [];
  const missing: string[] = [];
  for await (const { ids, total } of pagesOf(choice, options)) {
    const answer = await options.client.drop(ids);
    dropped.push(...answer.dropped);
    missing.push(...answer.missing);
    options.onProgress(dropped.length + missing.length, total);
  }
  return { dropped, missing };
}

interface IdPage {
  readonly ids: readonly string[];
  readonly total: number;
}

/** The first page fixes the end: a letter that is refused again meanwhile lies behind it and is not met twice. */
async function* pagesOf(
  choice: LetterChoice,
  { client, signal }: PassOptions,
): AsyncGenerator<IdPage> {
  if ('ids' in choice) {
    const total = choice.ids.length;
    for (let from = 0; from < total; from += LETTERS_AT_ONCE) {
      stopIf(signal);
      yield { ids: choice.ids.slice(from, from + LETTERS_AT_ONCE), total };
    }
    return;
  }
  let cursor: string | null = null;
  let total: number | undefined;
  do {
    stopIf(signal);
    const at = { limit: LETTERS_AT_ONCE, ...(cursor === null ? {} : { cursor }) };
    const page = await client.list(choice.filters, at);
    total ??= page.total;
    if (page.letters.length > 0) yield { ids: page.letters.map(({ id }) => id), total };
    cursor = page.next;
  } while (cursor !== null);
}

function stopIf(signal: AbortSignal): void {
  if (signal.aborted) throw new Interrupted('stopped; the same command goes on');
}

async function editLetter(
  id: string,
  edit: Edit,
  { client }: PassOptions,
): Promise<LetterToReplay | ReplayResult> {
  const letter = await client.show(id);
  try {
    return { id, events: await edit(letter) };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'event_invalid') throw error;
    const { attempts } = letter;
    return {
      id,
      outcome: 'refused',
      code: error.code,
      message: error.detail,
      path: null,
      attempts,
    };
  }
}
