import { sources } from '../../functions/sources/index.ts';
import { sampleLink } from '../../local/samples.ts';
import { saidAbout, toldBy } from '../harness/fixture-bodies.ts';
import type { Posted } from '../harness/senders.ts';
import { signedBy } from '../harness/senders.ts';
import type { Stage } from '../harness/stage.ts';
import { MARKS, markedEmail, markedKeyOf } from './marks.ts';
import type { See } from './observe.ts';

interface Asked extends Omit<Posted, 'body'> {
  readonly method?: string;
  readonly body?: Buffer | string;
}

/** Everything that can be sent, and much that should not be, over HTTP; whatever is answered is shown. */
export async function postAll(
  stage: Stage,
  { fixtures, see }: { readonly fixtures: number; readonly see: See },
): Promise<void> {
  const receipts: string[] = [];
  for (const { method = 'POST', path, headers, body } of [
    ...fromSenders(stage.url, fixtures),
    ...(await fromPeople()),
  ]) {
    const sent = body === undefined ? {} : { body };
    const answer = await fetch(stage.url + path, { method, headers, redirect: 'manual', ...sent });
    see('an answer', `${path}, headers`, [...answer.headers].join('\n'));
    see('an answer', `${path}, body`, await answer.text());
    const receipt = answer.headers.get('location') ?? answer.headers.get('content-location');
    if (receipt) receipts.push(receipt);
  }
  for (const receipt of receipts) {
    const answer = await fetch(new URL(receipt, stage.url));
    see('an answer', 'a receipt', await answer.text());
  }
}

function* fromSenders(origin: string, fixtures: number): Iterable<Asked> {
  for (const { name } of sources) {
    const key = markedKeyOf(name);
    for (const [number, told] of toldBy(name).slice(0, fixtures).entries()) {
      const body = saidAbout(told, (index) => markedEmail(`${name}-${number}-${index}`));
      const type = { 'content-type': told.contentType };
      const good = signedBy(name, body, { key, at: new Date(), origin });
      const cut = signedBy(name, body.subarray(0, -3), { key, at: new Date(), origin });
      yield { ...good, headers: { ...type, ...good.headers } };
      yield { ...cut, headers: { ...type, ...cut.headers } };
      yield {
        path: `${good.path}?key=${MARKS.secret}-wrong`,
        headers: { ...type, authorization: `Bearer ${key.secret}-` },
        body,
      };
    }
  }
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

async function fromPeople(): Promise<readonly Asked[]> {
  const link = await sampleLink(markedEmail('link'));
  const email = encodeURIComponent(markedEmail('form'));
  const api = { ...JSON_TYPE, authorization: `Bearer ${MARKS.secret}-links` };
  const form = (body: string): Asked => ({ path: '/unsubscribe', headers: FORM, body });
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
