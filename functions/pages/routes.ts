import type { Routes } from '../core/payload/http.ts';
import { jsonAnswer } from '../core/payload/http.ts';
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
    'GET /health': () => jsonAnswer(200, { ok: true }),
  };
}
