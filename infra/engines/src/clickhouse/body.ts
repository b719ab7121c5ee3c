import { type IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';

import { Refusal } from './failure.ts';

/** The bytes of a request, decompressed. Stopping early leaves the connection usable, so that an error can be answered. */
export async function* readBody(
  message: IncomingMessage,
  isGzip: boolean,
): AsyncGenerator<Buffer, void> {
  if (isGzip) yield* decompressed(message);
  else yield* message.iterator({ destroyOnReturn: false });
}

async function* decompressed(message: IncomingMessage): AsyncGenerator<Buffer, void> {
  const gunzip = createGunzip();
  // pipe() does not pass on that the client went away half-way.
  message.once('close', () => {
    if (!message.complete) gunzip.destroy(new Error('the client went away'));
  });
  try {
    yield* message.pipe(gunzip);
  } catch (cause) {
    throw new Refusal('CANNOT_DECOMPRESS', 'The body is not gzip', { cause });
  }
}

/** Passes bytes on; throws a Refusal TOO_LARGE_REQUEST once there are too many. */
export async function* limited(
  source: AsyncIterable<Buffer>,
  bytesMax: number,
): AsyncGenerator<Buffer, void> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      throw new Refusal('TOO_LARGE_REQUEST', `The body is larger than ${bytesMax} bytes`);
    }
    yield chunk;
  }
}
