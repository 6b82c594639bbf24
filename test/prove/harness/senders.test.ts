import { describe, expect, it } from 'vitest';
import type { RawRequest } from '../../../functions/core/payload/http.ts';
import type { Certificates } from '../../../functions/core/verify/source.ts';
import { sources } from '../../../functions/sources/index.ts';
import { fixtureBodiesOf, withAddresses } from '../../../prove/harness/fixture-bodies.ts';
import { newKeyOf, signRequest } from '../../../prove/harness/senders.ts';
import { AUTHORITIES, CERTIFICATE } from '../../sources/sns-signing.ts';

const ORIGIN = 'https://relay.example.com';
const certificates: Certificates = {
  get: async ({ href }) => (href.endsWith('sns-trust-chain.pem') ? AUTHORITIES : CERTIFICATE),
};

describe.each(sources.map((source) => [source.name, source] as const))('a request of %s', (name, source) => {
  it('verifies, and has the replaced addresses', async () => {
    const key = newKeyOf(name);
    const now = new Date();
    const fixtures = fixtureBodiesOf(name);
    expect(fixtures).not.toEqual([]);
    for (const fixture of fixtures) {
      const body = withAddresses(fixture, (index) => `recipient-${index}@example.com`);
      const { path, ...signed } = signRequest(name, body, { key, at: now, origin: ORIGIN });
      const headers = { 'content-type': fixture.contentType, ...signed.headers };
      const request: RawRequest = { ...signed, headers, method: 'POST', url: new URL(path, ORIGIN), receivedAt: now };

      const verified = await source.verify(request, [key.secret], certificates);
      const { signals } = source.handshake?.(verified, [key.secret]) ? { signals: [] } : source.read(verified);

      expect(signals.filter(({ email }) => email && !email.startsWith('recipient-'))).toEqual([]);
      if (fixture.isOneOptOut) expect(signals).toHaveLength(1);
    }
  });
});
