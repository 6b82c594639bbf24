/** An HTTP request, independent of AWS. */
export interface RawRequest {
  readonly method: string;
  /** The public URL that the sender called. Its origin is from configuration, not from the Host header. */
  readonly url: URL;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The exact bytes, since signatures are over bytes. */
  readonly body: Uint8Array;
  /** By the relay's clock. */
  readonly receivedAt: Date;
  /** The caller's IP address as seen by API Gateway. Used for rate limits only and never logged. */
  readonly client?: string;
}

/** An HTTP response. Header names are lower-case. */
export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Handles a request. `parameters` are the decoded path parameters, such as `{source}`. */
export type Route = (
  request: RawRequest,
  parameters: Readonly<Record<string, string>>,
) => HttpResponse | Promise<HttpResponse>;

/** Routes by API Gateway route key, such as `POST /webhooks/{source}`. */
export type Routes = Readonly<Record<string, Route>>;

/** Returns the media type without parameters, lower-case: `application/json; charset=utf-8` gives `application/json`. */
export function mediaType(request: RawRequest): string {
  return (request.headers['content-type'] ?? '').replace(/;.*/s, '').trim().toLowerCase();
}

/** Returns true if the client accepts JSON and not HTML. */
export function wantsJson(request: RawRequest): boolean {
  const accept = String(request.headers['accept']).toLowerCase();
  return accept.includes('application/json') && !accept.includes('text/html');
}

export function jsonResponse(status: number, body: unknown): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** Returns an error as JSON, for programs. */
export function jsonError({ status, message }: { readonly status: number; readonly message: string }): HttpResponse {
  return jsonResponse(status, { error: message });
}
