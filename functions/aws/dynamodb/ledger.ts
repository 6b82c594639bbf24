import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Claim, Completion, Ledger } from '../../core/ledger/ledger.ts';
import { commandOf } from '../../core/ledger/ledger.ts';
import type { EmailAddress } from '../../core/model/email-address.ts';
import type { OptOut } from '../../core/model/opt-out.ts';
import type { Fields } from './change.ts';
import { changing, namesOf } from './change.ts';
import { erased, eraseReceived, eraseRecipient } from './erasure.ts';
import type { Change, Item } from './table.ts';
import { createTableClient } from './table.ts';
import type { KeyedHashes, TombstonePorts } from './tombstones.ts';
import { erasedUntil } from './tombstones.ts';

/** Longer than the longest attempt; a command whose machine died is tried again after it. */
const LEASE_MS = 15_000;

/** The ledger: one item per command, changed by single-item conditional writes only. Indexes: infra/ledger.yml. */
export function createLedger(client: DynamoDBClient, name: string, keyed: KeyedHashes): Ledger {
  const table = createTableClient(client, name);
  return {
    find: table.find,
    async claim(optOut, now) {
      const { id } = optOut;
      const item = (await table.update(id, creating(optOut, now))) ?? (await table.update(id, leasing(now)));
      if (!item) return whyNot(await table.find(id), now);
      const { attempts: attempt, email, reopenedAt, isReleased = reopenedAt !== undefined } = item;
      const claimedAt = new Date(item.claimedAt);
      const stored = commandOf(item) ?? optOut;
      return { kind: 'claimed', attempt, claimedAt, stored, email: email as EmailAddress, isReleased };
    },
    async complete(optOut, settled, now) {
      const { id } = optOut;
      const through = { table, keyed, now };
      const until = await forgettingUntil(optOut, settled, through);
      if (until === undefined && (await table.update(id, settling(settled, now)))) return;
      const item = await table.find(id);
      if (item?.state !== 'open' || (until ?? item.eraseOnClose) === undefined) return;
      await eraseReceived([settled, item], until ?? now.toISOString(), through);
      const besides = await erased({ ...item, ...settled }, through);
      await table.update(id, settling(settled, now, besides));
    },
    erase: (recipient, now, until = now) => eraseRecipient(recipient, until.toISOString(), { table, keyed, now }),
  };
}

/** The item as the first attempt has it. */
function creating({ id: _key, version: _version, ...command }: OptOut, now: Date): Change {
  const first = { ...command, state: 'open', unfinished: 'open', attempts: 1, claimedAt: now.toISOString() };
  return changing('attribute_not_exists(#id)', { ...first, ...leaseFrom(now) });
}

/** Counts one more attempt; what the command says stays as it was the first time. */
function leasing(now: Date): Change {
  const values = { isOpen: 'open', now: now.getTime(), one: 1 };
  const lease = changing('#state = :isOpen AND #leasedUntil < :now', leaseFrom(now), values);
  const names = { ...lease.ExpressionAttributeNames, ...namesOf(['attempts']) };
  return {
    ...lease,
    UpdateExpression: `${lease.UpdateExpression} ADD #attempts :one`,
    ExpressionAttributeNames: names,
  };
}

function leaseFrom(now: Date): Fields {
  const leasedUntil = now.getTime() + LEASE_MS;
  return { leasedUntil, dueAt: leasedUntil };
}

function whyNot(item: Item | undefined, now: Date): Claim {
  if (item && item.state !== 'open') return { kind: 'closed' };
  const leftMs = (item?.leasedUntil ?? 0) - now.getTime();
  return { kind: 'leased', retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1000)) };
}

/** Of what is to be closed, if the person was forgotten after it was received: until when. What comes later is a new matter. */
async function forgettingUntil(optOut: OptOut, { outcome, email }: Completion, graveyard: TombstonePorts) {
  if (outcome.kind === 'deferred') return undefined;
  const whom = [optOut.email ?? optOut.contactId, ...(email === undefined ? [] : [email])];
  const until = await erasedUntil(whom, graveyard);
  return until !== undefined && optOut.receivedAt <= until ? until : undefined;
}

/**
 * Closes an open item; a deferred one stays open and only gives its lease back. Of answers, the last one is kept. What is
 * to be forgotten can only be closed with what that changes `besides`.
 */
function settling(settled: Completion, now: Date, besides?: Fields): Change {
  const { attempt, outcome, email } = settled;
  const isDeferred = outcome.kind === 'deferred';
  const end = isDeferred
    ? { leasedUntil: 0, dueAt: now.getTime() + outcome.retryAfterSeconds * 1000, isReleased: true }
    : { ...closed(outcome), ...kept(settled), closedAt: now.toISOString(), ...NO_LEASE };
  const found = email === undefined ? {} : { email };
  const isOurs = '#state = :isOpen AND #attempts = :attempt';
  const condition = isDeferred || besides ? isOurs : `${isOurs} AND attribute_not_exists(#eraseOnClose)`;
  return changing(condition, { ...end, ...lastAnswer(outcome), ...found, ...besides }, { isOpen: 'open', attempt });
}

/** What only an open item has. */
const NO_LEASE: Fields = { leasedUntil: undefined, dueAt: undefined, isReleased: undefined };

/** `unfinished` keeps what is unfinished in the index by age. */
function closed(outcome: Exclude<Completion['outcome'], { kind: 'deferred' }>): Fields {
  const { kind: state } = outcome;
  if (outcome.kind === 'held') return { state, unfinished: state, reason: outcome.reason };
  const unfinished = state === 'rejected' ? state : undefined;
  return outcome.kind === 'confirmed'
    ? { state, unfinished, evidence: outcome.evidence, changed: outcome.changed }
    : { state, unfinished };
}

/** `expiresAt` in seconds, as DynamoDB wants it. */
function kept({ signedReceipt, expiresAt }: Completion): Fields {
  return { signedReceipt, expiresAt: expiresAt && Math.floor(expiresAt.getTime() / 1000) };
}

function lastAnswer(outcome: Completion['outcome']): Fields {
  return {
    lastStatus: 'status' in outcome ? outcome.status : undefined,
    lastCategory: 'category' in outcome ? outcome.category : undefined,
    correlationId: 'correlationId' in outcome ? outcome.correlationId : undefined,
  };
}
