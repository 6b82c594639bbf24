import { isCallerError, NotFound, RelayError, TooLarge, Unauthenticated, Unavailable } from '../model/errors.ts';
import type { Report } from '../model/telemetry.ts';
import type { HttpResponse, RawRequest, Route, Routes } from '../payload/http.ts';
import type { Certificates, Source } from '../verify/source.ts';
import { usable } from '../verify/verify.ts';
import type { IngestPorts } from './ingest.ts';
import { ingest, reportRejected } from './ingest.ts';
import type { Policy } from './policy.ts';

export interface WebhookPorts extends IngestPorts {
  readonly secrets: SourceSecrets;
  readonly certificates: Certificates;
  readonly policyOf: (source: string) => Policy;
  /** Resolves once the SNS subscription is confirmed. Throws Unavailable. */
  readonly confirmSubscription: (topicArn: string, token: string) => Promise<void>;
}

/** The secrets of each source: the current one, then the previous one during rotation. */
export interface SourceSecrets {
  /** The cached secrets. */
  get(): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Fetches the secrets again. */
  refresh(): Promise<ReadonlyMap<string, readonly string[]>>;
}

const DEFAULT_MAX_BYTES = 1_048_576;

/**
 * The webhook routes. Senders check a URL with GET, HEAD or OPTIONS: a known source responds, and nothing else happens. Only a
 * source whose `method` is GET receives events by GET.
 */
export function webhookRoutes(sources: readonly Source[], ports: WebhookPorts): Routes {
  const find = (name: string | undefined): Source => {
    const source = sources.find((each) => each.name === name);
    if (!source) throw new NotFound('no such source');
    return source;
  };
  const probe: Route = (_request, { source }) => {
    find(source);
    return { status: 200 };
  };
  const receive: Route = (request, { source }) => handleEvents(find(source), request, ports);
  return {
    'POST /webhooks/{source}': receive,
    'GET /webhooks/{source}': (...args) => (find(args[1].source).method === 'GET' ? receive : probe)(...args),
    'HEAD /webhooks/{source}': probe,
    'OPTIONS /webhooks/{source}': (request, { source }) => handleOptions(find(source), request, ports),
  };
}

const METHODS: HttpResponse = { status: 204, headers: { allow: 'GET, HEAD, OPTIONS, POST' } };

/** Some senders ask for permission before they send. */
async function handleOptions(source: Source, request: RawRequest, ports: WebhookPorts): Promise<HttpResponse> {
  if (!source.onOptions) return METHODS;
  try {
    const { verified } = await verify(source, request, ports);
    return source.onOptions(verified);
  } catch (error) {
    throw asResponded(source, error, ports.report);
  }
}

/** Verifies before it parses, and enqueues before it responds. */
async function handleEvents(source: Source, request: RawRequest, ports: WebhookPorts): Promise<HttpResponse> {
  try {
    if (request.body.length > (source.maxBytes ?? DEFAULT_MAX_BYTES)) throw new TooLarge('the body is too large');
    const { verified, secrets } = await verify(source, request, ports);
    const handshake = source.handshake?.(verified, secrets);
    if (handshake?.confirm) await ports.confirmSubscription(handshake.confirm.topicArn, handshake.confirm.token);
    const { receivedAt } = request;
    const arrival = { source: source.name, receivedAt, policy: ports.policyOf(source.name) };
    await ingest(source.read(verified), arrival, ports);
    return handshake?.response ?? source.onSuccess ?? { status: 200 };
  } catch (error) {
    throw asResponded(source, error, ports.report);
  }
}

/**
 * The secret may have just been rotated. If it has, a request that fails is verified again, with the fresh secrets.
 *
 * @throws {NoSecret} if there is none, whatever else the request lacks
 */
async function verify(source: Source, request: RawRequest, { secrets, certificates }: WebhookPorts) {
  const ownOf = (bySource: ReadonlyMap<string, readonly string[]>) => bySource.get(source.name) ?? [];
  const verifyWith = async (own: readonly string[]) => {
    return { verified: await source.verify(request, own, certificates), secrets: own };
  };
  const cached = ownOf(await secrets.get());
  try {
    return await verifyWith(cached);
  } catch (error) {
    if (!(error instanceof Unauthenticated)) throw error;
    const fresh = ownOf(await secrets.refresh());
    if (fresh.join('\n') !== cached.join('\n')) return verifyWith(fresh);
    usable(fresh);
    throw error;
  }
}

/** Gives failures of the relay the status that makes this sender retry. */
function asResponded(source: Source, error: unknown, report: Report): unknown {
  reportRejected(source.name, error, report);
  if (isCallerError(error) || source.onFailure === undefined) return error;
  const reason = error instanceof RelayError ? error.message : 'not recorded, try again';
  return new Unavailable(reason, source.onFailure, error);
}
