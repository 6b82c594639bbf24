import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createLedger } from '../../functions/aws/dynamodb/ledger.ts';
import type { Variables } from '../../functions/config/environment.ts';
import type { Policy } from '../../functions/core/intake/policy.ts';
import type { Signal } from '../../functions/core/model/signal.ts';
import { createHubSpot, readManyStatuses } from '../../functions/hubspot/client.ts';
import { createHubSpotDependencies } from '../../functions/hubspot/dependencies.ts';
import { relayConfig } from '../../relay.config.ts';
import { csvRow } from '../terminal/csv.ts';
import type { Progress } from '../terminal/progress.ts';
import { tableOf } from '../terminal/table.ts';
import type { Quota } from './quota.ts';
import { createScheduler } from './quota.ts';
import type { ReadBackResult } from './read-back.ts';
import { readBackAll } from './read-back.ts';
import type { OptOutFile } from './rows.ts';
import { waitFor } from './send.ts';
import { createStatusReader, HubSpotUnreadable } from './status-reader.ts';

export const VARIABLES = [
  'LEDGER_TABLE',
  'HUBSPOT_SECRET',
  'RECEIPTS_SECRET',
  'HUBSPOT_BASE_URL',
  'HUBSPOT_API_VERSION',
  'HUBSPOT_RATE_PER_10_S',
  'LEDGER_RETENTION_DAYS',
] as const satisfies readonly (keyof Variables)[];

/** Part of HubSpot's rate that is left to new opt-outs. */
const RATE_RESERVE = 0.1;

export interface ConfirmPorts {
  readonly env: Pick<Variables, (typeof VARIABLES)[number]>;
  readonly policy: Policy;
  readonly quota: Quota;
  readonly progress: Progress;
  /** Number of readable rows in the file. */
  readonly total: number;
  readonly onMissing: (line: number) => void;
}

export interface ConfirmResult extends Readonly<Record<ReadBackResult, number>> {
  /** Closed without a receipt, since the `receipts` secret has no usable key. The sweep signs them later. */
  readonly unsigned: number;
  /** The rows that HubSpot does not show, as a CSV file with the columns email, time, id and kind. */
  readonly missingRows: readonly string[];
  /** Why the run ended early, if it did. */
  readonly failure?: string | undefined;
}

/** Confirms the rows of a file that were imported into HubSpot, by reading them back. */
export async function confirmImported(from: OptOutFile, ports: ConfirmPorts): Promise<ConfirmResult> {
  const { env, policy, quota, progress, total, onMissing } = ports;
  const counts = { confirmed: 0, known: 0, missing: 0, unsigned: 0 };
  const missingRows = [csvRow(['email', 'time', 'id', 'kind'])];
  const clock = () => new Date();
  const { calls, definitions, receipts } = createHubSpotDependencies(new SecretsManagerClient(), env, {
    shareOfRate: 1,
    leaves: { rate: RATE_RESERVE, daily: relayConfig.dailyReserve },
    legalBasis: relayConfig,
    clock,
    report: ({ event }) => {
      if (event === 'receipt.unsigned') counts.unsigned += 1;
    },
  });
  const hubspot = () => createHubSpot(calls);
  const scheduler = createScheduler(quota, { sinceMs: 0, count: 0 });
  const reading = readBackAll(from, {
    delivery: {
      ledger: createLedger(new DynamoDBClient(), env.LEDGER_TABLE, receipts),
      hubspot,
      definitions,
      businessUnitIds: relayConfig.businessUnitIds,
      sign: receipts.sign,
      retentionDays: env.LEDGER_RETENTION_DAYS,
      clock,
    },
    statuses: createStatusReader({
      hubspot,
      readMany: (emails) => readManyStatuses(emails, calls),
      nextCall: () => waitFor(scheduler.next(Date.now()), progress),
    }),
    policy,
    onResult({ line, signal }, result) {
      counts[result] += 1;
      progress.step((counts.confirmed + counts.known + counts.missing) / total);
      if (result !== 'missing') return;
      missingRows.push(rowOf(signal));
      onMissing(line);
    },
  });
  const failure = await reading.then(
    () => undefined,
    (error) => {
      if (!(error instanceof HubSpotUnreadable)) throw error;
      return error.message;
    },
  );
  return { ...counts, missingRows, failure };
}

/** A table of the counts. */
export function confirmedTable({ confirmed, known, missing, unsigned }: Omit<ConfirmResult, 'missingRows'>): string {
  const rows: readonly (readonly [string, number])[] = [
    ['confirmed by reading back', confirmed],
    ['in the ledger already', known],
    ['not shown by HubSpot', missing],
    ...(unsigned > 0 ? [['without a receipt; the sweep signs it', unsigned] as const] : []),
  ];
  return tableOf({ rows });
}

/** With the same time and event key, so that a backfill of the row is the same opt-out. */
function rowOf({ email, occurredAt, eventKey = '', kind }: Signal): string {
  return csvRow([email ?? '', occurredAt.toISOString(), eventKey, kind]);
}
