import { connect } from 'node:net';

const ANSWER_MS_MAX = 2000;

/** Send `question` to a loopback port and get the first bytes of the answer, or undefined. */
export function ask(port: number, question: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: ANSWER_MS_MAX });
    const finish = (answer: string | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('error', () => finish(undefined));
    socket.once('timeout', () => finish(undefined));
    socket.once('connect', () => socket.write(question));
    socket.once('data', (bytes) => finish(bytes.toString('latin1')));
  });
}

/** Whether a GET is answered with a 2xx within two seconds. */
export async function answersOk(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) }).catch(
    () => undefined,
  );
  await response?.body?.cancel();
  return response?.ok ?? false;
}
