import { describe, expect, it } from 'vitest';
import type { RawRequest } from '../../../functions/core/payload/http.ts';
import type { Certificates } from '../../../functions/core/verify/source.ts';
import { sources } from '../../../functions/sources/index.ts';
import { saidAbout, toldBy } from '../../../prove/harness/fixture-bodies.ts';
import { newKeyOf, signedBy } from '../../../prove/harness/senders.ts';
import { AUTHORITIES, CERTIFICATE } from '../../sources/sns-signing.ts';

const ORIGIN = 'https://relay.example.com';
const world: Certificates = {
  get: async ({ href }) => (href.endsWith('sns-trust-chain.pem') ? AUTHORITIES : CERTIFICATE),
};

describe.each(sources.map((source) => [source.name, source] as const))('what is said like %s', (name, source) => {
  it('is proven, and read as what it is about', async () => {
    const key = newKeyOf(name);
    const now = new Date();
    const told = toldBy(name);
    expect(told).not.toEqual([]);
    for (const each of told) {
      const body = saidAbout(each, (index) => `somebody-${index}@example.com`);
      const { path, ...posted } = signedBy(name, body, { key, at: now, origin: ORIGIN });
      const headers = { 'content-type': each.contentType, ...posted.headers };
      const request: RawRequest = { ...posted, headers, method: 'POST', url: new URL(path, ORIGIN), receivedAt: now };

      const verified = await source.verify(request, [key.secret], world);
      const { signals } = source.handshake?.(verified, [key.secret]) ? { signals: [] } : source.read(verified);

      expect(signals.filter(({ email }) => email && !email.startsWith('somebody-'))).toEqual([]);
      if (each.isOneOptOut) expect(signals).toHaveLength(1);
    }
  });
});
