import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KeyedHashes } from '../../core/ledger/keyed-hashes.ts';
import type { Claim, Completion, Ledger } from '../../core/ledger/ledger.ts';
import { commandOf, emailOf } from '../../core/ledger/ledger.ts';
import type { OptOut } from '../../core/model/opt-out.ts';
import { erasedFields, erasedUntil, eraseReceived, eraseRecipient } from './erasure.ts';
import { shardOf } from './shards.ts';
import type { Fields, Item, Update } from './table.ts';
import { buildUpdate, createTableClient, namesOf } from './table.ts';

/** Longer than the longest attempt. An interrupted command is retried after it. */
const LEASE_MS = 15_000;

/** Creates the ledger: one item per command, changed only by conditional writes. Indexes: infra/ledger.yml. */
export function createLedger(client: DynamoDBClient, tableName: string, keyed: KeyedHashes): Ledger {
  const table = createTableClient(client, tableName);
  return {
    find: table.find,
    async claim(optOut, now) {
      const { id } = optOut;
      const item = (await table.update(id, create(optOut, now))) ?? (await table.update(id, lease(now)));
      if (!item) return refusedClaim(await table.find(id), now);
      const { attempts: attempt, answeredAttempts = 0, reopenedAt } = item;
      const isReopened = reopenedAt !== undefined;
      const { isReleased = isReopened } = item;
      const wasSent = answeredAttempts < attempt - 1;
      const command = { stored: commandOf(item) ?? optOut, claimedAt: new Date(item.claimedAt), email: emailOf(item) };
      return { kind: 'claimed', attempt, ...command, isReleased, isReopened, wasSent };
    },
    erasedUntil: (recipients) => erasedUntil(recipients, { table, keyed }),
    async complete({ id }, completion, now) {
      const { erasedUntil: until, email, signedReceipt } = completion;
      if (until === undefined && (await table.update(id, complete(id, completion, now)))) return;
      const item = await table.find(id);
      if (item?.state !== 'open' || (until ?? item.eraseOnClose) === undefined) return;
      const ports = { table, keyed, now };
      await eraseReceived([completion, item], (until ?? now).toISOString(), ports);
      const erasure = await erasedFields({ email: email ?? item.email, signedReceipt }, ports);
      await table.update(id, complete(id, completion, now, erasure));
    },
    erase: (recipient, now, until = now) => eraseRecipient(recipient, until.toISOString(), { table, keyed, now }),
  };
}

/** The first attempt. */
function create({ id, version: _version, ...command }: OptOut, now: Date): Update {
  const first = {
    ...command,
    state: 'open',
    unfinished: shardOf('open', id),
    attempts: 1,
    claimedAt: now.toISOString(),
  };
  return buildUpdate('attribute_not_exists(#id)', { ...first, ...leaseFrom(now) });
}

/** A later attempt. The stored command does not change. */
function lease(now: Date): Update {
  const values = { isOpen: 'open', now: now.getTime(), one: 1 };
  const update = buildUpdate('#state = :isOpen AND #leasedUntil < :now', leaseFrom(now), values);
  return {
    ...update,
    UpdateExpression: `${update.UpdateExpression} ADD #attempts :one`,
    ExpressionAttributeNames: { ...update.ExpressionAttributeNames, ...namesOf(['attempts']) },
  };
}

function leaseFrom(now: Date): Fields {
  const leasedUntil = now.getTime() + LEASE_MS;
  return { leasedUntil, dueAt: leasedUntil };
}

function refusedClaim(item: Item | undefined, now: Date): Claim {
  if (item && item.state !== 'open') return { kind: 'closed' };
  const leftMs = (item?.leasedUntil ?? 0) - now.getTime();
  return { kind: 'leased', retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1000)) };
}

/**
 * Closes an open item, or releases the lease of a deferred one. Only HubSpot's last response is stored. Without
 * `erasure` an item that is marked for it cannot be closed.
 */
function complete(id: string, completion: Completion, now: Date, erasure?: Fields): Update {
  const { attempt, outcome, email, isSent } = completion;
  const isDeferred = outcome.kind === 'deferred';
  const end = isDeferred
    ? { leasedUntil: 0, dueAt: now.getTime() + outcome.retryAfterSeconds * 1000, isReleased: true }
    : { ...closedFields(id, outcome), ...retainedFields(completion), closedAt: now.toISOString(), ...NO_LEASE };
  const found = { ...(email === undefined ? {} : { email }), ...(isSent ? {} : { answeredAttempts: attempt }) };
  const isCurrent = '#state = :isOpen AND #attempts = :attempt';
  const condition = isDeferred || erasure ? isCurrent : `${isCurrent} AND attribute_not_exists(#eraseOnClose)`;
  const fields = { ...end, ...lastResponse(outcome), ...found, ...erasure };
  return buildUpdate(condition, fields, { isOpen: 'open', attempt });
}

/** Fields of open items only. */
const NO_LEASE: Fields = { leasedUntil: undefined, dueAt: undefined, isReleased: undefined };

/** `unfinished` decides whether the item stays in the index by age. */
function closedFields(id: string, outcome: Exclude<Completion['outcome'], { kind: 'deferred' }>): Fields {
  const { kind: state } = outcome;
  if (outcome.kind === 'held') return { state, unfinished: shardOf('held', id), reason: outcome.reason };
  const unfinished = state === 'rejected' || state === 'observed' ? shardOf(state, id) : undefined;
  if (outcome.kind === 'superseded') return { state, unfinished, kept: outcome.kept };
  if (outcome.kind === 'rejected') return { state, unfinished };
  if (outcome.kind === 'observed') {
    const { changed, businessUnits, kept } = outcome;
    return { state, unfinished, changed, businessUnits, kept };
  }
  const { evidence, changed, businessUnits, kept, unchecked } = outcome;
  return { state, unfinished, evidence, changed, businessUnits, kept, unchecked };
}

/** DynamoDB's TTL wants `expiresAt` in seconds. */
function retainedFields({ signedReceipt, expiresAt }: Completion): Fields {
  return { signedReceipt, expiresAt: expiresAt && Math.floor(expiresAt.getTime() / 1000) };
}

function lastResponse(outcome: Completion['outcome']): Fields {
  return {
    lastStatus: 'status' in outcome ? outcome.status : undefined,
    lastCategory: 'category' in outcome ? outcome.category : undefined,
    correlationId: 'correlationId' in outcome ? outcome.correlationId : undefined,
  };
}
