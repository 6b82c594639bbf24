import { describe, expect, it } from 'vitest';
import { createCertificates } from '../../functions/aws/certificates.ts';
import { Unavailable } from '../../functions/core/model/errors.ts';
import { allOf, listening, thrownBy } from './listening.ts';

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\n';
const URL_OF_IT = new URL('https://certificates.example.com/a.pem?shibboleth');

type Answer = Parameters<typeof listening>[0];

/** Creates the cache with a test server behind every HTTPS address. */
async function certificates(answer: Answer) {
  const { url, requests } = await listening(answer);
  const local: typeof fetch = (input, init) => fetch(String(input).replace(/^https:\/\/[^/]+/, url), init);
  return { ...createCertificates(local), requests };
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

  it('is fetched again after a failure, and after fifty other certificates', async () => {
    const { get, requests } = await certificates((response) =>
      requests.length === 1 ? response.writeHead(503).end() : response.end(CERTIFICATE),
    );

    expect(await thrownBy(() => get(URL_OF_IT))).toBeInstanceOf(Unavailable);
    expect(await get(URL_OF_IT)).toBe(CERTIFICATE);
    for (let index = 0; index < 50; index += 1) await get(new URL(`/${index}.pem`, URL_OF_IT));
    await get(URL_OF_IT);
    expect(requests).toHaveLength(53);
  });

  it.each<[string, Answer]>([
    ['an error', (response) => response.writeHead(404).end(CERTIFICATE)],
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
