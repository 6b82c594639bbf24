import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { Misconfigured, Unavailable } from '../core/model/errors.ts';

/** A parsed secret, cached for five minutes. */
export interface SecretCache<Value> {
  /** Returns the cached value, or reads it. Throws Unavailable if it cannot be read, Misconfigured if it is malformed. */
  get(): Promise<Value>;
  /**
   * Reads the current value, for when the cached one was rejected. Returns the cached value if the read fails. Reads at most
   * once a second, whatever the number of calls.
   */
  refresh(): Promise<Value>;
}

const CACHE_MS = 300_000;
const MIN_READ_INTERVAL_MS = 1_000;

/** `parse` throws Misconfigured for a malformed secret. Its message must not quote the secret. */
export function createSecretCache<Value>(
  client: SecretsManagerClient,
  secretId: string,
  { parse, clock }: { readonly parse: (text: string) => Value; readonly clock: () => Date },
): SecretCache<Value> {
  let cached: { readonly value: Value; readonly atMs: number } | undefined;
  let lastRead: { readonly value: Promise<Value>; readonly atMs: number } | undefined;
  const fresh = () => (cached && clock().getTime() - cached.atMs < CACHE_MS ? cached : undefined);
  const read = async (): Promise<Value> => {
    const atMs = clock().getTime();
    if (lastRead && atMs - lastRead.atMs < MIN_READ_INTERVAL_MS) return lastRead.value;
    const value = readSecret(client, secretId).then((text) => parseNamed(secretId, text, parse));
    lastRead = { value, atMs };
    cached = { value: await value, atMs };
    return value;
  };
  return {
    get: async () => fresh()?.value ?? read(),
    refresh: () =>
      read().catch((error: unknown) => {
        const last = fresh();
        if (last) return last.value;
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
