import type { State } from '../core/model/state.ts';
import type { HttpResponse } from '../core/payload/http.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { Reader } from './reader.ts';
import { translate, translateTime } from './reader.ts';
import { RECEIPT_SCRIPT } from './receipt-script.ts';
import type { MessageName } from './wording.ts';

/** The public status of an opt-out. Times are ISO 8601 in UTC. */
export interface ReceiptStatus {
  /** `received` while the opt-out is open, held or rejected. */
  readonly state: Extract<State, 'confirmed' | 'superseded'> | 'received';
  readonly receivedAt: string;
  readonly closedAt?: string | undefined;
  readonly brand?: string | undefined;
}

/** Removes the milliseconds of a public time, which could show how HubSpot responded. */
export function inSeconds(isoTime: string): string {
  return isoTime.replace(/\.\d+(?=Z$)/, '');
}

interface StateMessages {
  readonly title: MessageName;
  readonly text: MessageName;
}

const MESSAGES: Readonly<Record<ReceiptStatus['state'], StateMessages>> = {
  received: { title: 'recordedTitle', text: 'recordedText' },
  confirmed: { title: 'confirmedTitle', text: 'confirmedText' },
  superseded: { title: 'supersededTitle', text: 'supersededText' },
};

/**
 * Renders the status of an opt-out in a live region, which a script updates. `receiptPath` is set for the response to the
 * opt-out itself, whose URL is not the receipt's.
 */
export function receiptPage(
  reader: Reader,
  status: ReceiptStatus,
  { receiptPath }: { readonly receiptPath?: string } = {},
): HttpResponse {
  const { state } = status;
  const title = translate(reader, MESSAGES[state].title);
  const body = html`<div role="status" tabindex="-1" data-state="${state}">
<h1>${title}</h1>
<p>${translate(reader, MESSAGES[state].text)}</p>
<p class="times">${translateTime(reader, 'recordedAt', status.receivedAt)}${confirmedLine(reader, status)}</p>${nextStep(reader, status, receiptPath)}
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

/** The link below the status: nothing after `confirmed`, the form after a newer opt-in, otherwise a reload. */
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
