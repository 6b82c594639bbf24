import { hash } from 'node:crypto';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';

/** Returns the form's opt-out of `<name>@example.com`. The same name gives the same id. */
export function commandFor(name: string): OptOut & { readonly email: string } {
  const now = new Date().toISOString();
  const id = hash('sha256', name, 'base64url');
  const email = parseEmailAddress(`${name}@example.com`);
  return { version: 1, id, email, source: 'form', kind: 'opt_out', scope: 'all', occurredAt: now, receivedAt: now };
}
