import type { Route, Routes } from '../core/payload/http.ts';
import { jsonResponse } from '../core/payload/http.ts';
import { confirmRoutes } from './confirm.ts';
import { formRoutes } from './form.ts';
import { formScriptRoutes } from './form-script.ts';
import { receiptRoutes } from './receipt.ts';
import type { PagePorts } from './record.ts';

const toForm: Route = () => ({ status: 302, headers: { location: '/unsubscribe' } });

/** What the pages need, and the version that is deployed. */
export interface SitePorts extends PagePorts {
  readonly version: string;
}

/** The public routes of the unsubscribe function. */
export function pageRoutes(ports: SitePorts): Routes {
  return {
    ...confirmRoutes(ports),
    ...formRoutes(ports),
    ...receiptRoutes(ports),
    ...formScriptRoutes(ports),
    'GET /': toForm,
    'HEAD /': toForm,
    'GET /health': () => jsonResponse(200, { ok: true, version: ports.version }),
  };
}
