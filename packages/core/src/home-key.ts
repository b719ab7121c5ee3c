import { PART } from './entity.ts';

/** Whose facts a home holds. */
export interface HomeKey {
  readonly tenantId: string;
  /** False for a user without an account, and for what is about neither. */
  readonly hasAccount: boolean;
}

const USER = 'user:';

/** Reads the key of a record (DESIGN 3). */
export function parseHomeKey(key: string): HomeKey {
  const [tenantId = '', subject = ''] = key.split(PART);
  return { tenantId, hasAccount: subject !== '' && !subject.startsWith(USER) };
}
