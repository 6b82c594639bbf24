import type { State } from '../core/model/state.ts';
import type { HttpResponse } from '../core/payload/http.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { Reader } from './reader.ts';
import { translate, translateTime } from './reader.ts';
import { RECEIPT_SCRIPT } from './receipt-script.ts';
import type { MessageName } from './wording.ts';

/** What is known of an opt-out. Times are ISO 8601 UTC. */
export interface ReceiptStatus {
  /** `received` until HubSpot has agreed or a person must look. */
  readonly state: Exclude<State, 'open'> | 'received';
  readonly receivedAt: string;
  readonly closedAt?: string | undefined;
  readonly brand?: string | undefined;
}

interface Words {
  readonly title: MessageName;
  readonly text: MessageName;
}

const WORDS: Readonly<Record<ReceiptStatus['state'], Words>> = {
  received: { title: 'recordedTitle', text: 'recordedText' },
  confirmed: { title: 'confirmedTitle', text: 'confirmedText' },
  superseded: { title: 'supersededTitle', text: 'supersededText' },
  held: { title: 'recordedTitle', text: 'heldText' },
  rejected: { title: 'recordedTitle', text: 'heldText' },
};

/**
 * What became of an opt-out, in a live region: with script it changes by itself. `receiptPath`: where the receipt is,
 * for the page that answers the opt-out itself and stands at another address.
 */
export function receiptPage(
  reader: Reader,
  standing: ReceiptStatus,
  { receiptPath }: { readonly receiptPath?: string } = {},
): HttpResponse {
  const { state } = standing;
  const title = translate(reader, WORDS[state].title);
  const body = html`<div role="status" tabindex="-1" data-state="${state}">
<h1>${title}</h1>
<p>${translate(reader, WORDS[state].text)}</p>
<p class="times">${translateTime(reader, 'recordedAt', standing.receivedAt)}${confirmedLine(reader, standing)}</p>${nextStep(reader, standing, receiptPath)}
</div>`;
  return page(200, reader, {
    title,
    body,
    ...(state === 'received' ? { script: RECEIPT_SCRIPT } : {}),
    otherLanguages: receiptPath === undefined ? '' : undefined,
  });
}

function confirmedLine(reader: Reader, { state, closedAt }: ReceiptStatus): Html | undefined {
  if (state !== 'confirmed' || closedAt === undefined) return undefined;
  return html`<br>
${translateTime(reader, 'confirmedAt', closedAt)}`;
}

/** Confirmed is the end; whoever subscribed again may think better of it; everything else may have moved on. */
function nextStep(reader: Reader, { state, brand }: ReceiptStatus, receiptPath: string | undefined): Html | undefined {
  const query = `?lang=${reader.language}`;
  if (state === 'confirmed') return undefined;
  if (state !== 'superseded') return link(receiptPath ?? query, translate(reader, 'reload'));
  return link(`/unsubscribe${query}${brand === undefined ? '' : `&brand=${brand}`}`, translate(reader, 'formTitle'));
}

function link(href: string, text: string): Html {
  return html`
<p><a href="${href}">${text}</a></p>`;
}
