import { defineConfig } from './functions/config/relay-config.ts';
import { loadOwnConfig } from './infra/own-config.ts';

/**
 * The rules of this deployment: those in `relay.config.own.ts`, or else the defaults. To write your own, run
 * `cp relay.config.example.ts relay.config.own.ts`. Git ignores the copy, so `git pull` never conflicts with it. See
 * docs/configuration.md for each key.
 */
export const relayConfig = (await loadOwnConfig()) ?? defineConfig({});
