import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { RelayConfig } from '../functions/config/relay-config.ts';
import { Misconfigured } from '../functions/core/model/errors.ts';

/** Git ignores it. */
const OWN = fileURLToPath(new URL('../relay.config.own.ts', import.meta.url));
const { RELAY_CONFIG } = process.env;

/** The file in `RELAY_CONFIG`, or else `relay.config.own.ts`. Undefined if there is neither. */
export const ownConfigFile = RELAY_CONFIG ? resolve(RELAY_CONFIG) : existsSync(OWN) ? OWN : undefined;

/**
 * Loads the configuration in that file.
 *
 * @throws {Misconfigured} if the file does not export `relayConfig`
 */
export async function loadOwnConfig(): Promise<RelayConfig | undefined> {
  if (ownConfigFile === undefined) return undefined;
  const { relayConfig }: { readonly relayConfig?: RelayConfig } = await import(pathToFileURL(ownConfigFile).href);
  if (relayConfig === undefined) throw new Misconfigured(`${ownConfigFile} does not export relayConfig`);
  return relayConfig;
}
