/** An HTTP request with nothing of AWS left in it. */
export interface RawRequest {
  readonly method: string;
  /** The public URL as the sender knows it, from configuration, never rebuilt from a Host header. */
  readonly url: URL;
  /** Names lower-cased. */
  readonly headers: Readonly<Record<string, string>>;
  /** Exactly the bytes that were sent; signatures are made over these. */
  readonly body: Uint8Array;
  /** Our clock when it arrived. */
  readonly receivedAt: Date;
  /** The caller's network address as the gateway saw it. For limits only, never logged. */
  readonly client?: string;
}

/** What a route answers. Header names lower-cased. */
export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Answers one request; `parameters` are the route's `{names}`, decoded. */
export type Route = (
  request: RawRequest,
  parameters: Readonly<Record<string, string>>,
) => HttpResponse | Promise<HttpResponse>;

/** Routes by API Gateway's route key: `POST /webhooks/{source}`. */
export type Routes = Readonly<Record<string, Route>>;

/** The media type alone, lower-cased: `application/json; charset=utf-8` gives `application/json`. */
export function mediaType(request: RawRequest): string {
  return (request.headers['content-type'] ?? '').replace(/;.*/s, '').trim().toLowerCase();
}

/** Whether the reader asked for JSON rather than a page. */
export function wantsJson(request: RawRequest): boolean {
  const accept = String(request.headers['accept']).toLowerCase();
  return accept.includes('application/json') && !accept.includes('text/html');
}

export function jsonResponse(status: number, body: unknown): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** An error as JSON, for callers that are programs. */
export function jsonError({ status, message }: { readonly status: number; readonly message: string }): HttpResponse {
  return jsonResponse(status, { error: message });
}
