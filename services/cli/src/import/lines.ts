import { isUtf8 } from 'node:buffer';

/** One physical line without its end. Lines count from 1; `endByte` is where the next line begins. */
export interface Line {
  readonly number: number;
  readonly endByte: number;
  readonly text: string;
  /** Why the line cannot be used; `text` is then empty. */
  readonly problem?: string;
}

/** A row longer than this is not a row: a missing line end or a binary file. Keeps memory bounded. */
export const LINE_BYTES_MAX = 1_048_576;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BYTE_ORDER_MARK = '\uFEFF';

/** Split bytes into lines ended by LF or CRLF. A byte order mark at the start is dropped; a last line needs no end. */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  const line = { parts: [] as Buffer[], bytes: 0 };
  let number = 0;
  let endByte = 0;
  const take = (): Line => {
    number += 1;
    const text = Buffer.concat(line.parts);
    const isTooLong = line.bytes > LINE_BYTES_MAX;
    Object.assign(line, { parts: [], bytes: 0 });
    return { number, endByte, ...decodeLine(text, { isFirst: number === 1, isTooLong }) };
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      collect(line, chunk.subarray(start, end));
      endByte += end + 1 - start;
      start = end + 1;
      yield take();
    }
    collect(line, chunk.subarray(start));
    endByte += chunk.length - start;
  }
  if (line.bytes > 0) yield take();
}

/** Beyond the limit bytes are counted but not kept. */
function collect(line: { readonly parts: Buffer[]; bytes: number }, piece: Buffer): void {
  line.bytes += piece.length;
  if (line.bytes <= LINE_BYTES_MAX) line.parts.push(piece);
}

function decodeLine(
  bytes: Buffer,
  line: { readonly isFirst: boolean; readonly isTooLong: boolean },
): Pick<Line, 'text' | 'problem'> {
  if (line.isTooLong) return { text: '', problem: `is longer than ${LINE_BYTES_MAX} bytes` };
  if (!isUtf8(bytes)) return { text: '', problem: 'is not UTF-8' };
  const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
  const text = bytes.toString('utf8', 0, end);
  return { text: line.isFirst && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text };
}
