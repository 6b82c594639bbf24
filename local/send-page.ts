import type { ServerResponse } from 'node:http';

/** What a page may do beyond showing itself: sources of the content security policy. */
export interface PagePermissions {
  readonly script: string;
  readonly formAction: string;
}

/** Sends a page of the local stack. It may call its own origin, and nothing is loaded from elsewhere. */
export function sendPage(response: ServerResponse, page: string, { script, formAction }: PagePermissions): void {
  const policy = [
    "default-src 'none'",
    `script-src ${script}`,
    "connect-src 'self'",
    `form-action ${formAction}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': policy.join('; '),
  });
  response.end(page);
}
