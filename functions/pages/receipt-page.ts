import type { State } from '../core/model/state.ts';
import type { HttpResponse } from '../core/payload/http.ts';
import type { Html } from './html.ts';
import { html, joined } from './html.ts';
import { page } from './page.ts';
import type { Reader } from './reader.ts';
import { leftToRight, timeElement, translate, translateWith } from './reader.ts';
import { RECEIPT_SCRIPT } from './receipt-script.ts';
import type { MessageName } from './wording.ts';

/** The public status of an opt-out. Times are ISO 8601 in UTC. */
export interface ReceiptStatus {
  /** The id of the opt-out. */
  readonly id: string;
  /** `received` while the opt-out is open, held or rejected. */
  readonly state: Extract<State, 'confirmed' | 'superseded'> | 'received';
  readonly receivedAt: string;
  readonly closedAt?: string | undefined;
  /** Whether a `received` opt-out has waited so long that a person looks after it. @default false */
  readonly isDelayed?: boolean;
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

/** The length of the reference: enough to find an opt-out by the beginning of its id, and short enough to be read out. */
const REFERENCE_LENGTH = 8;

/**
 * Renders the status of an opt-out in a live region, which a script updates. `receiptPath` is set for the response to the
 * opt-out itself, whose URL is not the receipt's.
 */
export function receiptPage(
  reader: Reader,
  status: ReceiptStatus,
  { receiptPath }: { readonly receiptPath?: string } = {},
): HttpResponse {
  const { id, state, isDelayed = false } = status;
  const title = translate(reader, MESSAGES[state].title);
  const text = isDelayed ? 'delayedText' : MESSAGES[state].text;
  const reference = leftToRight(id.slice(0, REFERENCE_LENGTH));
  const body = html`<div role="status" tabindex="-1" data-state="${state}">
<h1>${title}</h1>
<p>${translate(reader, text)}</p>${stillSent(reader, state)}
<p class="times">${translateWith(reader, 'recordedAt', { time: timeElement(reader, status.receivedAt) })}${confirmedLine(reader, status)}<br>
${translateWith(reader, 'reference', { reference })}</p>${nextSteps(reader, status, receiptPath)}
</div>`;
  return page(200, reader, {
    title,
    body,
    ...(state === 'received' ? { script: RECEIPT_SCRIPT } : {}),
    otherLanguages: receiptPath === undefined ? '' : undefined,
  });
}

function stillSent(reader: Reader, state: ReceiptStatus['state']): Html | undefined {
  return state === 'confirmed'
    ? html`
<p>${translate(reader, 'stillSent')}</p>`
    : undefined;
}

function confirmedLine(reader: Reader, { state, closedAt }: ReceiptStatus): Html | undefined {
  if (state !== 'confirmed' || closedAt === undefined) return undefined;
  return html`<br>
${translateWith(reader, 'confirmedAt', { time: timeElement(reader, closedAt) })}`;
}

/** The links below the status. The script reads the URL of the receipt from the first one. */
function nextSteps(reader: Reader, status: ReceiptStatus, receiptPath: string | undefined): Html | undefined {
  const { state, brand, isDelayed = false } = status;
  const { contactUrl, resubscribeUrl } = reader.theme;
  const query = `?lang=${reader.language}`;
  const form = `/unsubscribe${query}${brand === undefined ? '' : `&brand=${brand}`}`;
  const steps: Readonly<Record<ReceiptStatus['state'], Html>> = {
    received: joined([
      link(receiptPath ?? query, translate(reader, 'reload')),
      isDelayed ? link(contactUrl, translate(reader, 'contact')) : NOTHING,
    ]),
    confirmed: link(resubscribeUrl, translate(reader, 'resubscribe')),
    superseded: link(form, translate(reader, 'formTitle')),
  };
  return steps[state];
}

const NOTHING: Html = { markup: '' };

function link(href: string | undefined, text: string): Html {
  return href === undefined
    ? NOTHING
    : html`
<p><a href="${href}">${text}</a></p>`;
}
