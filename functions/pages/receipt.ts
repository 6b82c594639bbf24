import type { HttpResponse, RawRequest, Routes } from '../core/payload/http.ts';
import { jsonResponse, wantsJson } from '../core/payload/http.ts';
import { brandAmong } from './form-fields.ts';
import { readerOf } from './reader.ts';
import type { ReceiptStatus } from './receipt-page.ts';
import { receiptPage } from './receipt-page.ts';
import type { PagePorts } from './record.ts';

/** `/receipts/{receipt}`: what became of an opt-out. Says states and times, never the address. */
export function receiptRoutes(through: PagePorts): Routes {
  const handleGet = async (request: RawRequest, { receipt = '' }: Readonly<Record<string, string>>) =>
    show(request, await readReceipt(receipt, through), through);
  return { 'GET /receipts/{receipt}': handleGet, 'HEAD /receipts/{receipt}': handleGet };
}

/** What is not in the ledger yet is still on the queue; what is no longer there looks the same. */
async function readReceipt(token: string, { sealer, find, themes }: PagePorts): Promise<ReceiptStatus> {
  const { id, receivedAt, brand } = await sealer.unsealStatusToken(token);
  const known = { receivedAt, brand: brandAmong(themes.brands, brand) };
  const entry = await find(id);
  if (!entry || entry.state === 'open') return { ...known, state: 'received' };
  return { ...known, state: entry.state, closedAt: entry.closedAt };
}

function show(request: RawRequest, standing: ReceiptStatus, { themes }: PagePorts): HttpResponse {
  const { brand, ...told } = standing;
  if (wantsJson(request)) return jsonResponse(200, told);
  return receiptPage(readerOf(request, themes, { brand }), standing);
}
