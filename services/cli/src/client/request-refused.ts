/** The API answered and said no. `code` is the stable code of its problem document. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(`[${code}] ${detail}`);
    this.status = status;
    this.code = code;
  }
}
