import type { HttpResponse, RawRequest, Routes } from '../core/payload/http.ts';
import { jsonResponse, wantsJson } from '../core/payload/http.ts';
import { brandAmong } from './form-fields.ts';
import { readerOf } from './reader.ts';
import type { ReceiptStatus } from './receipt-page.ts';
import { inSeconds, receiptPage } from './receipt-page.ts';
import type { PagePorts } from './record.ts';

/** Routes of the receipt, `/receipts/{receipt}`: the status of an opt-out. Shows states and times, never the address. */
export function receiptRoutes(ports: PagePorts): Routes {
  const handleGet = async (request: RawRequest, { receipt = '' }: Readonly<Record<string, string>>) =>
    show(request, await readStatus(receipt, ports), ports);
  return { 'GET /receipts/{receipt}': handleGet, 'HEAD /receipts/{receipt}': handleGet };
}

/**
 * An opt-out that is not in the ledger is still on the queue, or was deleted after its retention. A held or rejected one waits
 * for an operator, and the public does not learn what HubSpot said of an address. All of them show as `received`.
 */
async function readStatus(token: string, { sealer, find, themes }: PagePorts): Promise<ReceiptStatus> {
  const { id, receivedAt, brand } = await sealer.unsealStatusToken(token);
  const common = { receivedAt: inSeconds(receivedAt), brand: brandAmong(themes.brands, brand) };
  const { state, closedAt } = (await find(id)) ?? {};
  const isPublic = state === 'confirmed' || state === 'superseded';
  return isPublic ? { ...common, state, closedAt: closedAt && inSeconds(closedAt) } : { ...common, state: 'received' };
}

function show(request: RawRequest, status: ReceiptStatus, { themes }: PagePorts): HttpResponse {
  const { brand, ...publicStatus } = status;
  if (wantsJson(request)) return jsonResponse(200, publicStatus);
  return receiptPage(readerOf(request, themes, { brand }), status);
}
