import type { Answer, RawRequest, Routes } from '../core/payload/http.ts';
import { jsonAnswer, wantsJson } from '../core/payload/http.ts';
import { brandAmong } from './form-fields.ts';
import { readerOf } from './reader.ts';
import type { Standing } from './receipt-page.ts';
import { receiptPage } from './receipt-page.ts';
import type { PagePorts } from './record.ts';

/** `/receipts/{receipt}`: what became of an opt-out. Says states and times, never the address. */
export function receiptRoutes(through: PagePorts): Routes {
  const look = async (request: RawRequest, { receipt = '' }: Readonly<Record<string, string>>) =>
    show(request, await readReceipt(receipt, through), through);
  return { 'GET /receipts/{receipt}': look, 'HEAD /receipts/{receipt}': look };
}

/** What is not in the ledger yet is still on the queue; what is no longer there looks the same. */
async function readReceipt(token: string, { sealing, find, looks }: PagePorts): Promise<Standing> {
  const { id, receivedAt, brand } = await sealing.openReceipt(token);
  const known = { receivedAt, brand: brandAmong(looks.brands, brand) };
  const entry = await find(id);
  if (!entry || entry.state === 'open') return { ...known, state: 'received' };
  return { ...known, state: entry.state, closedAt: entry.closedAt };
}

function show(request: RawRequest, standing: Standing, { looks }: PagePorts): Answer {
  const { brand, ...told } = standing;
  if (wantsJson(request)) return jsonAnswer(200, told);
  return receiptPage(readerOf(request, looks, { brand }), standing);
}
