import { defineConfig } from '../functions/config/relay-config.ts';

/** For the drills in docs/operations.md: a surge limit that is soon reached. */
export const relayConfig = defineConfig({ surgeLimit: { perSourceAndHour: 10 } });
