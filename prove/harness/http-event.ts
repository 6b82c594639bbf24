/** A request on its way to a route of API Gateway. */
export interface Asked {
  /** `POST /webhooks/{source}` */
  readonly routeKey: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** What API Gateway makes of it (payload 2.0). */
export function httpEvent({ routeKey, path, query = '', headers = {}, parameters = {}, body = Buffer.of() }: Asked) {
  const [method = ''] = routeKey.split(' ');
  const http = { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'prove' };
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    headers,
    pathParameters: parameters,
    requestContext: { http, timeEpoch: Date.now(), requestId: 'prove' },
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
  };
}
