import type { State } from '../core/ledger/ledger.ts';
import type { Answer } from '../core/payload/http.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { Reader } from './reader.ts';
import { say, sayTime } from './reader.ts';
import { RECEIPT_SCRIPT } from './receipt-script.ts';
import type { MessageName } from './wording.ts';

/** What is known of an opt-out. Times are ISO 8601 UTC. */
export interface Standing {
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

const WORDS: Readonly<Record<Standing['state'], Words>> = {
  received: { title: 'recordedTitle', text: 'recordedText' },
  confirmed: { title: 'confirmedTitle', text: 'confirmedText' },
  superseded: { title: 'supersededTitle', text: 'supersededText' },
  held: { title: 'recordedTitle', text: 'heldText' },
  refused: { title: 'recordedTitle', text: 'heldText' },
};

/**
 * What became of an opt-out, in a live region: with script it changes by itself. `receiptPath`: where the receipt is,
 * for the page that answers the opt-out itself and stands at another address.
 */
export function receiptPage(
  reader: Reader,
  standing: Standing,
  { receiptPath }: { readonly receiptPath?: string } = {},
): Answer {
  const { state } = standing;
  const title = say(reader, WORDS[state].title);
  const body = html`<div role="status" tabindex="-1" data-state="${state}">
<h1>${title}</h1>
<p>${say(reader, WORDS[state].text)}</p>
<p class="times">${sayTime(reader, 'recordedAt', standing.receivedAt)}${confirmedLine(reader, standing)}</p>${wayOn(reader, standing, receiptPath)}
</div>`;
  return page(200, reader, {
    title,
    body,
    ...(state === 'received' ? { script: RECEIPT_SCRIPT } : {}),
    otherLanguages: receiptPath === undefined ? '' : undefined,
  });
}

function confirmedLine(reader: Reader, { state, closedAt }: Standing): Html | undefined {
  if (state !== 'confirmed' || closedAt === undefined) return undefined;
  return html`<br>
${sayTime(reader, 'confirmedAt', closedAt)}`;
}

/** Confirmed is the end; whoever subscribed again may think better of it; everything else may have moved on. */
function wayOn(reader: Reader, { state, brand }: Standing, receiptPath: string | undefined): Html | undefined {
  const query = `?lang=${reader.language}`;
  if (state === 'confirmed') return undefined;
  if (state !== 'superseded') return link(receiptPath ?? query, say(reader, 'reload'));
  return link(`/unsubscribe${query}${brand === undefined ? '' : `&brand=${brand}`}`, say(reader, 'formTitle'));
}

function link(href: string, text: string): Html {
  return html`
<p><a href="${href}">${text}</a></p>`;
}
