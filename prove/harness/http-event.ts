/** A request to a route of API Gateway. */
export interface HttpRequest {
  /** `POST /webhooks/{source}` */
  readonly routeKey: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** Builds the API Gateway event of a request (payload format 2.0). */
export function httpEvent({
  routeKey,
  path,
  query = '',
  headers = {},
  parameters = {},
  body = Buffer.of(),
}: HttpRequest) {
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
