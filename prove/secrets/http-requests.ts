import { sources } from '../../functions/sources/index.ts';
import { sampleLink } from '../../local/samples.ts';
import { fixtureBodiesOf, withAddresses } from '../harness/fixture-bodies.ts';
import type { SignedRequest } from '../harness/senders.ts';
import { signRequest } from '../harness/senders.ts';
import type { Stage } from '../harness/stage.ts';
import { MARKS, markedEmail, markedKeyOf } from './marks.ts';
import type { Observe } from './observe.ts';

interface TestRequest extends Omit<SignedRequest, 'body'> {
  readonly method?: string;
  readonly body?: Buffer | string;
}

/** A mistyped address in its field, for correction: the only text of a request that a page may have. */
const OWN_FIELD = /(<input id="email" [^>]* required) value="[^"]*"/;

/** Sends valid and invalid HTTP requests to every route, and observes the responses. */
export async function sendHttpRequests(
  stage: Stage,
  { fixtures, observe }: { readonly fixtures: number; readonly observe: Observe },
): Promise<void> {
  const receipts: string[] = [];
  for (const { method = 'POST', path, headers, body } of [
    ...fromSenders(stage.url, fixtures),
    ...(await fromPeople()),
  ]) {
    const init = body === undefined ? {} : { body };
    const response = await fetch(stage.url + path, { method, headers, redirect: 'manual', ...init });
    observe('response', `${path}, headers`, [...response.headers].join('\n'));
    observe('response', `${path}, body`, (await response.text()).replace(OWN_FIELD, '$1'));
    const receipt = response.headers.get('location') ?? response.headers.get('content-location');
    if (receipt) receipts.push(receipt);
  }
  for (const receipt of receipts) {
    const response = await fetch(new URL(receipt, stage.url));
    observe('response', 'a receipt', await response.text());
  }
}

function* fromSenders(origin: string, fixtures: number): Iterable<TestRequest> {
  for (const { name } of sources) {
    const key = markedKeyOf(name);
    for (const [number, fixture] of fixtureBodiesOf(name).slice(0, fixtures).entries()) {
      const body = withAddresses(fixture, (index) => markedEmail(`${name}-${number}-${index}`));
      const type = { 'content-type': fixture.contentType };
      const valid = signRequest(name, body, { key, at: new Date(), origin });
      const truncated = signRequest(name, body.subarray(0, -3), { key, at: new Date(), origin });
      yield { ...valid, headers: { ...type, ...valid.headers } };
      yield { ...truncated, headers: { ...type, ...truncated.headers } };
      yield {
        path: `${valid.path}?key=${MARKS.secret}-wrong`,
        headers: { ...type, authorization: `Bearer ${key.secret}-` },
        body,
      };
    }
  }
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

async function fromPeople(): Promise<readonly TestRequest[]> {
  const link = await sampleLink(markedEmail('link'));
  const email = encodeURIComponent(markedEmail('form'));
  const api = { ...JSON_TYPE, authorization: `Bearer ${MARKS.secret}-links` };
  const form = (body: string): TestRequest => ({ path: '/unsubscribe', headers: FORM, body });
  return [
    form(`email=${email}`),
    form(`email=${email}&website=${MARKS.address}`),
    form(`email=${email}&brand=${MARKS.address}`),
    form(`email=${email}&lang=${MARKS.address}`),
    form(`email=${MARKS.address}`),
    form(`${email}=1`),
    { path: '/unsubscribe', headers: JSON_TYPE, body: JSON.stringify({ email: markedEmail('json') }) },
    { path: '/unsubscribe', headers: JSON_TYPE, body: `{"email":"${markedEmail('broken')}` },
    { path: '/unsubscribe', headers: { 'content-type': `text/${MARKS.address}` }, body: MARKS.address },
    { method: 'GET', path: link, headers: {} },
    { method: 'HEAD', path: link, headers: {} },
    { path: link, headers: FORM, body: 'List-Unsubscribe=One-Click' },
    { path: `${link}?lang=de`, headers: FORM, body: 'confirm=1' },
    { path: `${link.slice(0, -4)}AAAA`, headers: FORM, body: `email=${email}` },
    { path: `/u/${MARKS.address}`, headers: FORM, body: 'List-Unsubscribe=One-Click' },
    { method: 'GET', path: `/receipts/${MARKS.address}`, headers: {} },
    { path: `/webhooks/${MARKS.address}`, headers: JSON_TYPE, body: `["${markedEmail('nobody')}"]` },
    { path: '/links', headers: api, body: JSON.stringify({ addresses: [markedEmail('sealed'), MARKS.address, {}] }) },
    { path: '/links', headers: api, body: JSON.stringify({ addresses: [markedEmail('sealed')], lang: MARKS.address }) },
    {
      path: '/links',
      headers: { ...api, authorization: `Bearer ${MARKS.secret}-wrong` },
      body: `"${markedEmail('x')}"`,
    },
  ];
}
