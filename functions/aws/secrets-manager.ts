import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { Misconfigured, Unavailable } from '../core/model/errors.ts';

/** A secret that is kept for a while and read again when it turns out to be outdated. */
export interface SecretCache<Value> {
  /** The value, at most five minutes old. Throws Unavailable when it cannot be read, Misconfigured when it is malformed. */
  get(): Promise<Value>;
  /**
   * The value as it is now, for when the one we had did not work; the one we had when it cannot be read. At most one read a
   * second, whoever provokes it.
   */
  refresh(): Promise<Value>;
}

const KEEP_MS = 300_000;
const READ_AT_MOST_EVERY_MS = 1_000;

/** `parse` gets the secret's text and throws what is wrong with it, without quoting it. */
export function createSecretCache<Value>(
  client: SecretsManagerClient,
  secretId: string,
  { parse, clock }: { readonly parse: (text: string) => Value; readonly clock: () => Date },
): SecretCache<Value> {
  let kept: { readonly value: Value; readonly atMs: number } | undefined;
  let reading: { readonly value: Promise<Value>; readonly atMs: number } | undefined;
  const isKept = (nowMs: number) => kept !== undefined && nowMs - kept.atMs < KEEP_MS;
  const read = async (): Promise<Value> => {
    const atMs = clock().getTime();
    if (reading && atMs - reading.atMs < READ_AT_MOST_EVERY_MS) return reading.value;
    const value = readSecret(client, secretId).then((text) => parseNamed(secretId, text, parse));
    reading = { value, atMs };
    kept = { value: await value, atMs };
    return value;
  };
  return {
    get: async () => (kept && isKept(clock().getTime()) ? kept.value : read()),
    refresh: () =>
      read().catch((error: unknown) => {
        if (kept && isKept(clock().getTime())) return kept.value;
        throw error;
      }),
  };
}

async function readSecret(client: SecretsManagerClient, secretId: string): Promise<string> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    return SecretString ?? '';
  } catch (error) {
    throw new Unavailable(`secret ${secretId} cannot be read: ${error instanceof Error ? error.name : 'unknown'}`);
  }
}

function parseNamed<Value>(secretId: string, text: string, parse: (text: string) => Value): Value {
  try {
    return parse(text);
  } catch (error) {
    throw new Misconfigured(`secret ${secretId}: ${error instanceof Misconfigured ? error.message : 'not valid'}`);
  }
}
