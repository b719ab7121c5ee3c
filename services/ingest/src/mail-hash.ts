import { createHmac } from 'node:crypto';

/** Turns a mail address into what may be stored of it. */
export type HashMail = (address: string) => string;

const HASHED = /^mail:[0-9a-f]{64}$/;
/** `email`, `user_email`, `inviteeEmail`, `e-mail`, `email_address`, in any case. */
const MAIL_NAME = /e-?mail(?:[_-]?address)?$/i;
const MAIL = /^[^\s@]{1,64}@[^\s@]{1,255}$/;

/**
 * Hashing with the tenant's salt: the same address gives the same text within a tenant and nothing to compare across
 * tenants. Case and surrounding space do not matter. What is a hash already stays as it is.
 */
export function createHashMail(salt: Buffer): HashMail {
  return (address) => {
    if (HASHED.test(address)) return address;
    const normal = address.trim().toLowerCase();
    return `mail:${createHmac('sha256', salt).update(normal).digest('hex')}`;
  };
}

/** `text` unless it is a mail address, by its own form or by the name of its field; then the hash. */
export function withoutMail(name: string, text: string, hashMail: HashMail): string {
  return text !== '' && (MAIL_NAME.test(name) || MAIL.test(text)) ? hashMail(text) : text;
}

/** The same map without mail addresses. */
export function mapWithoutMail(
  map: Readonly<Record<string, string>>,
  hashMail: HashMail,
): Readonly<Record<string, string>> {
  const entries = Object.entries(map);
  if (entries.length === 0) return map;
  return Object.fromEntries(
    entries.map(([name, text]) => [name, withoutMail(name, text, hashMail)]),
  );
}
