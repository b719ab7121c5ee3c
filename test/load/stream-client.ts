import { request } from 'undici';
import { z } from 'zod';

import { SEEN_VALUE, type SeenValue } from './api-client.ts';

const MESSAGE_END = '\n\n';
const DATA = /^event: value\ndata: (.*)$/m;

/** Follow `GET /v1/stream` until the signal aborts; resolves once it is open. */
export async function followStream(options: {
  readonly url: string;
  readonly tenantId: string;
  readonly signal: AbortSignal;
  readonly onValue: (value: SeenValue) => void;
}): Promise<void> {
  const { url, tenantId, signal, onValue } = options;
  const { body } = await request(`${url}/v1/stream`, {
    headers: { 'kpi-tenant': tenantId },
    bodyTimeout: 0,
    signal,
  });
  let rest = '';
  body.setEncoding('utf8');
  body.on('data', (chunk: string) => {
    const parts = (rest + chunk).split(MESSAGE_END);
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const json = DATA.exec(part)?.[1];
      if (json !== undefined) onValue(SEEN_VALUE.parse(JSON.parse(json)));
    }
  });
  body.on('error', (error) => {
    if (!signal.aborted) throw z.instanceof(Error).parse(error);
  });
}
