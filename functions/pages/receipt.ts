import type { Answer, RawRequest, Routes } from '../core/http.ts';
import { jsonAnswer, wantsJson } from '../core/http.ts';
import type { State } from '../core/ledger.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { PagePorts } from './record.ts';

/** `/receipts/{receipt}`: what became of an opt-out. Says states and times, never the address. */
export function receiptRoutes(through: PagePorts): Routes {
  const look = async (request: RawRequest, { receipt = '' }: Readonly<Record<string, string>>) =>
    show(request, await readReceipt(receipt, through));
  return { 'GET /receipts/{receipt}': look, 'HEAD /receipts/{receipt}': look };
}

interface Standing {
  /** `received` until HubSpot has agreed or a person must look. */
  readonly state: Exclude<State, 'open'> | 'received';
  readonly receivedAt: string;
  readonly closedAt?: string | undefined;
}

/** What is not in the ledger yet is still on the queue. */
async function readReceipt(token: string, { sealing, find }: PagePorts): Promise<Standing> {
  const { id, receivedAt } = await sealing.openReceipt(token);
  const entry = await find(id);
  if (!entry || entry.state === 'open') return { state: 'received', receivedAt };
  return { state: entry.state, receivedAt, closedAt: entry.closedAt };
}

const WORDS: Readonly<Record<Standing['state'], { readonly title: string; readonly text: string }>> = {
  received: { title: 'Recorded', text: 'Your request is recorded and on its way. Load this page again to see more.' },
  confirmed: { title: 'Confirmed', text: 'You are unsubscribed: you will get no more marketing e-mail.' },
  superseded: { title: 'Replaced', text: 'You have subscribed again after this request, so it was not carried out.' },
  held: { title: 'Recorded', text: 'Your request is recorded. Somebody looks at it before it is carried out.' },
  refused: {
    title: 'Recorded',
    text: 'Your request is recorded but could not be carried out yet. Somebody looks at it.',
  },
};

function show(request: RawRequest, standing: Standing): Answer {
  if (wantsJson(request)) return jsonAnswer(200, standing);
  const { title, text } = WORDS[standing.state];
  const body = html`<p>${text}</p>
<p>Recorded: <time datetime="${standing.receivedAt}">${readable(standing.receivedAt)}</time></p>${closed(standing)}`;
  return page(200, { title, body });
}

function closed({ state, closedAt }: Standing) {
  if (state !== 'confirmed' || closedAt === undefined) return undefined;
  return html`
<p>Confirmed: <time datetime="${closedAt}">${readable(closedAt)}</time></p>`;
}

function readable(isoTime: string): string {
  return `${isoTime.slice(0, 16).replace('T', ' ')} UTC`;
}
