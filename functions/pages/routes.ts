import type { Routes } from '../core/payload/http.ts';
import { jsonResponse } from '../core/payload/http.ts';
import { confirmRoutes } from './confirm.ts';
import { formRoutes } from './form.ts';
import { receiptRoutes } from './receipt.ts';
import type { PagePorts } from './record.ts';

/** Everything the public meets. */
export function pageRoutes(through: PagePorts): Routes {
  return {
    ...confirmRoutes(through),
    ...formRoutes(through),
    ...receiptRoutes(through),
    'GET /health': () => jsonResponse(200, { ok: true }),
  };
}
