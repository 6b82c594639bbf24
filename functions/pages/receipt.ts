import { InvalidToken } from '../core/model/errors.ts';
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
    show(request, await readStatus(receipt, request.receivedAt, ports), ports);
  return { 'GET /receipts/{receipt}': handleGet, 'HEAD /receipts/{receipt}': handleGet };
}

const HOUR_MS = 3_600_000;

/** An opt-out is confirmed within seconds. One that is not within this time waits for HubSpot or for an operator. */
const DELAYED_AFTER_MS = HOUR_MS;

/** Longer than a queue keeps a message, and the shortest `LEDGER_RETENTION_DAYS`. */
const EXPIRED_AFTER_MS = 30 * 24 * HOUR_MS;

/**
 * An opt-out that is not in the ledger is still on the queue. A held or rejected one waits for an operator, and the public does
 * not learn what HubSpot said of an address. All of them show as `received`.
 * @throws {InvalidToken} if the token is invalid, or its opt-out was deleted after its retention
 */
async function readStatus(token: string, now: Date, { sealer, find, themes }: PagePorts): Promise<ReceiptStatus> {
  const { id, receivedAt, brand } = await sealer.unsealStatusToken(token);
  const ageMs = now.getTime() - Date.parse(receivedAt);
  const entry = await find(id);
  if (entry === undefined && ageMs > EXPIRED_AFTER_MS) throw new InvalidToken('this receipt has expired');
  const common = { id, receivedAt: inSeconds(receivedAt), brand: brandAmong(themes.brands, brand) };
  if (entry?.state !== 'confirmed' && entry?.state !== 'superseded') {
    return { ...common, state: 'received', isDelayed: ageMs > DELAYED_AFTER_MS };
  }
  return { ...common, state: entry.state, closedAt: entry.closedAt && inSeconds(entry.closedAt) };
}

function show(request: RawRequest, status: ReceiptStatus, { themes }: PagePorts): HttpResponse {
  const { state, receivedAt, closedAt, brand } = status;
  if (wantsJson(request)) return jsonResponse(200, { state, receivedAt, closedAt });
  return receiptPage(readerOf(request, themes, { brand }), status);
}
