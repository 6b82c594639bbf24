/** A request with its whole body. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
  /** When it arrived, ISO 8601. */
  readonly at: string;
  readonly correlationId: string;
}

/** A request at its endpoint. */
export interface ApiCall extends ApiRequest {
  readonly query: URLSearchParams;
  /** The `:id` segment of the path, percent-decoded. Empty if the path has none. */
  readonly id: string;
  /** The version segment of the path. Empty if the path has none. */
  readonly version: string;
}

export interface ApiResponse {
  readonly status: number;
  /** A string is sent as it is, anything else as JSON. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body: unknown): ApiResponse => ({ status: 200, body });
