import { type SimulatorOptions, startHubSpotSimulator } from '../../../local/hubspot/simulator.ts';
import { TEST_REQUEST } from '../../watch/test-request.ts';

export const TOKEN = 'pat-test-token';
export const ANN = 'ann@example.com';
export const OAUTH = { clientId: 'client', clientSecret: 'secret', refreshToken: 'refresh' };

export interface Sent {
  readonly body?: unknown;
  /** Sent instead of the accepted token. An empty one sends no header. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Starts a simulator. `api` calls the API with the token, `sim` calls the control paths. */
export async function simulated(options: Partial<SimulatorOptions> = {}) {
  const simulator = await startHubSpotSimulator({ port: 0, tokens: [TOKEN], oauth: OAUTH, ...options });
  const send = async (method: string, path: string, { body, headers }: Sent) => {
    const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(simulator.url + path, { method, body: text, headers: headers ?? {} });
    const received = await response.text();
    const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      text: received,
      json: received === '' || isPage ? undefined : JSON.parse(received),
    };
  };
  return {
    ...simulator,
    api(method: string, path: string, { token = TOKEN, ...sent }: Sent = {}) {
      const authorization = token === '' ? {} : { authorization: `Bearer ${token}` };
      const headers = { ...TEST_REQUEST, ...authorization, ...sent.headers };
      return send(method, path, { ...sent, headers });
    },
    sim: (method: string, path: string, body?: unknown) => send(method, `/_sim/${path}`, { body }),
  };
}

export type Simulated = Awaited<ReturnType<typeof simulated>>;
export type ApiResponse = Awaited<ReturnType<Simulated['api']>>;

/** The path of an address's statuses; with `ALL`, of its unsubscribe-all status. */
export function statuses(email: string, query = '', version = 'v4'): string {
  return `/communication-preferences/${version}/statuses/${encodeURIComponent(email)}${query}`;
}

export const ALL = '/unsubscribe-all?channel=EMAIL&verbose=true';
