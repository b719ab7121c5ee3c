import { PART } from './entity.ts';
import { type Subject } from './subjects.ts';

/** Whose facts a home holds. */
export interface HomeKey {
  readonly tenantId: string;
  /** The account; `user:` and the user's id where there is none; empty for what is about neither. */
  readonly subject: string;
  /** False for a user without an account, and for what is about neither. */
  readonly hasAccount: boolean;
}

const USER = 'user:';
/**
 * Homes that are no one's, where users are looked up. Each holds a few users where there are many: a home of one's own would cost
 * far more than what it says.
 */
const DIRECTORIES = 4_096;

/** Reads the key of a record (DESIGN 3). */
export function parseHomeKey(key: string): HomeKey {
  const [tenantId = '', subject = ''] = key.split(PART);
  return { tenantId, subject, hasAccount: subject !== '' && !subject.startsWith(USER) };
}

/** Whose home a subject names. */
export function subjectOfHome(subject: string): Subject {
  return subject.startsWith(USER)
    ? { kind: 'user', id: subject.slice(USER.length) }
    : { kind: 'account', id: subject };
}

/** The user whose home a subject names; undefined where it names another one. */
export function userOfHome(subject: string): string | undefined {
  return subject.startsWith(USER) ? subject.slice(USER.length) : undefined;
}

/** The subject of the home of an account, or of a user without one. */
export function homeOfSubject({ kind, id }: Subject): string {
  return kind === 'user' ? USER + id : id;
}

export function homeKey(tenantId: string, subject: string): string {
  return `${tenantId}${PART}${subject}`;
}

/** Home that knows which homes a user was seen in: without a subject, and with a number that no account can have. */
export function directoryKey(tenantId: string, user: string): string {
  return homeKey(tenantId, `${PART}${hash(user) % DIRECTORIES}`);
}

/** FNV-1a of the code units, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1)
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return value;
}
