import { describe, expect, it } from 'vitest';
import { createCertificates } from '../../functions/aws/certificates.ts';
import { Unauthenticated, Unavailable } from '../../functions/core/model/errors.ts';
import { allOf, listening, thrownBy } from './listening.ts';

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\n';
const URL_OF_IT = new URL('https://certificates.example.com/a.pem?shibboleth');

type Answer = Parameters<typeof listening>[0];

/** Creates the cache with a test server behind every HTTPS address, and a clock that moves only by `wait`. */
async function certificates(answer: Answer) {
  const { url, requests } = await listening(answer);
  const local: typeof fetch = (input, init) => fetch(String(input).replace(/^https:\/\/[^/]+/, url), init);
  let now = 0;
  const wait = (seconds: number) => {
    now += seconds * 1000;
  };
  return { ...createCertificates(local, () => new Date(now)), requests, wait };
}

describe('certificate', () => {
  it('is fetched once for any number of calls', async () => {
    const { get, requests } = await certificates((response) => response.end(CERTIFICATE));

    const all = await Promise.all([get(URL_OF_IT), get(new URL(URL_OF_IT))]);

    expect([...all, await get(URL_OF_IT)]).toEqual(Array(3).fill(CERTIFICATE));
    expect(requests).toMatchObject([{ method: 'GET', path: '/a.pem?shibboleth' }]);
    await get(new URL('/b.pem', URL_OF_IT));
    expect(requests).toHaveLength(2);
  });

  it('is fetched again a minute after a failure', async () => {
    const { get, requests, wait } = await certificates((response) =>
      requests.length === 1 ? response.writeHead(503).end() : response.end(CERTIFICATE),
    );

    expect(await thrownBy(() => get(URL_OF_IT))).toBeInstanceOf(Unavailable);
    wait(59);
    expect(await thrownBy(() => get(URL_OF_IT))).toBeInstanceOf(Unavailable);
    expect(requests).toHaveLength(1);
    wait(1);
    expect(await get(URL_OF_IT)).toBe(CERTIFICATE);
    expect(requests).toHaveLength(2);
  });

  it.each([400, 403, 404, 410])('does not exist if the status is %d, and is fetched once a minute', async (status) => {
    const { get, requests, wait } = await certificates((response) => response.writeHead(status).end(CERTIFICATE));

    for (let call = 0; call < 5; call += 1) {
      const error = await thrownBy(() => get(URL_OF_IT));
      expect(error).toBeInstanceOf(Unauthenticated);
      expect(allOf(error)).not.toContain('shibboleth');
    }
    expect(requests).toHaveLength(1);
    wait(60);
    await thrownBy(() => get(URL_OF_IT));
    expect(requests).toHaveLength(2);
  });

  it.each([408, 425, 429, 500])('is unavailable for now if the status is %d', async (status) => {
    const { get } = await certificates((response) => response.writeHead(status).end());

    expect(await thrownBy(() => get(URL_OF_IT))).toBeInstanceOf(Unavailable);
  });

  describe('among fifty others', () => {
    const other = (index: number) => new URL(`/${index}.pem`, URL_OF_IT);
    const isKnown = (path: string) => path.startsWith('/a.pem');

    it('stays in the cache while wrong URLs come and go', async () => {
      const { get, requests, wait } = await certificates((response) =>
        requests.length > 0 && isKnown(requests.at(-1)?.path ?? '')
          ? response.end(CERTIFICATE)
          : response.writeHead(404).end(),
      );
      await get(URL_OF_IT);

      for (let index = 0; index < 49; index += 1) await thrownBy(() => get(other(index)));
      expect((await thrownBy(() => get(other(49)))).message).toBe('too many certificates were requested');
      expect(requests).toHaveLength(50);
      wait(60);
      await thrownBy(() => get(other(49)));
      await get(URL_OF_IT);
      expect(requests.filter(({ path }) => isKnown(path))).toHaveLength(1);
      expect(requests).toHaveLength(51);
    });

    it('makes room after a minute', async () => {
      const { get, requests, wait } = await certificates((response) => response.end(CERTIFICATE));
      await get(URL_OF_IT);
      for (let index = 0; index < 49; index += 1) await get(other(index));

      expect(await thrownBy(() => get(other(49)))).toBeInstanceOf(Unavailable);
      wait(60);
      expect(await get(other(49))).toBe(CERTIFICATE);
      expect(await get(URL_OF_IT)).toBe(CERTIFICATE);
      expect(requests).toHaveLength(52);
    });
  });

  it.each<[string, Answer]>([
    ['an error', (response) => response.writeHead(500).end(CERTIFICATE)],
    ['a redirect', (response) => response.writeHead(302, { location: '/b.pem' }).end()],
    ['more than anybody needs', (response) => response.end('x'.repeat(65_537))],
    ['a stream of unknown length', (response) => response.writeHead(200).write(CERTIFICATE)],
    [
      'half of it',
      (response) => response.writeHead(200, { 'content-length': '900' }).write(CERTIFICATE, () => response.destroy()),
    ],
    ['nothing', (response) => response.destroy()],
  ])('is unavailable if the response is %s, and the error does not contain the URL', async (_what, answer) => {
    const { get, requests } = await certificates(answer);

    const error = await thrownBy(() => get(URL_OF_IT));

    expect(error).toBeInstanceOf(Unavailable);
    expect(error.message).toBe('could not fetch the certificate');
    expect(allOf(error)).not.toContain('shibboleth');
    expect(requests).toHaveLength(1);
  });

  it.each(['http:', 'file:', 'data:', 'ftp:'])('is not fetched over %s', async (protocol) => {
    const { get, requests } = await certificates((response) => response.end(CERTIFICATE));

    const error = await thrownBy(() => get(new URL(`${protocol}//certificates.example.com/a.pem`)));

    expect(error).toBeInstanceOf(Unavailable);
    expect(requests).toEqual([]);
  });
});
