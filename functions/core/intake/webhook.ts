import { isCallerError, NotFound, RelayError, TooLarge, Unauthenticated, Unavailable } from '../model/errors.ts';
import type { Report } from '../model/telemetry.ts';
import type { HttpResponse, RawRequest, Route, Routes } from '../payload/http.ts';
import type { Certificates, Source } from '../verify/source.ts';
import type { IngestPorts } from './keep.ts';
import { ingest, reportRejected } from './keep.ts';
import type { Policy } from './policy.ts';

export interface WebhookPorts extends IngestPorts {
  /** By source: the current secret, then the previous one. */
  readonly secrets: SourceSecrets;
  readonly certificates: Certificates;
  readonly policyOf: (source: string) => Policy;
  /** Resolves once the topic sends to us. Throws Unavailable. */
  readonly confirmSubscription: (topicArn: string, token: string) => Promise<void>;
}

/** Secrets as we keep them, and as they are now. */
export interface SourceSecrets {
  get(): Promise<ReadonlyMap<string, readonly string[]>>;
  refresh(): Promise<ReadonlyMap<string, readonly string[]>>;
}

const DEFAULT_MAX_BYTES = 1_048_576;

/** The routes senders post to. A GET or HEAD is a sender's look whether the address exists, and does nothing. */
export function webhookRoutes(sources: readonly Source[], through: WebhookPorts): Routes {
  const find = (name: string | undefined): Source => {
    const source = sources.find((each) => each.name === name);
    if (!source) throw new NotFound('there is no such source');
    return source;
  };
  const handleGet: Route = (_request, { source }) => {
    find(source);
    return { status: 200 };
  };
  return {
    'POST /webhooks/{source}': (request, { source }) => receive(find(source), request, through),
    'GET /webhooks/{source}': handleGet,
    'HEAD /webhooks/{source}': handleGet,
  };
}

/** Proof before parsing, the queue before the answer. */
async function receive(source: Source, request: RawRequest, through: WebhookPorts): Promise<HttpResponse> {
  try {
    if (request.body.length > (source.maxBytes ?? DEFAULT_MAX_BYTES)) throw new TooLarge('the body is too large');
    const { verified, secrets } = await verify(source, request, through);
    const handshake = source.handshake?.(verified, secrets);
    if (handshake?.confirm) await through.confirmSubscription(handshake.confirm.topicArn, handshake.confirm.token);
    if (handshake) return handshake.answer;
    const { receivedAt } = request;
    const arrival = { source: source.name, receivedAt, policy: through.policyOf(source.name) };
    await ingest(source.read(verified), arrival, through);
    return source.onSuccess ?? { status: 200 };
  } catch (error) {
    throw asAnswered(source, error, through.report);
  }
}

/** A refusal may only mean that the secret was rotated a moment ago: it is read again before anybody is turned away. */
async function verify(source: Source, request: RawRequest, { secrets, certificates }: WebhookPorts) {
  const verifyWith = async (known: ReadonlyMap<string, readonly string[]>) => {
    const own = known.get(source.name) ?? [];
    return { verified: await source.verify(request, own, certificates), secrets: own };
  };
  try {
    return await verifyWith(await secrets.get());
  } catch (error) {
    if (!(error instanceof Unauthenticated)) throw error;
    return verifyWith(await secrets.refresh());
  }
}

/** What the sender is to be told; our own failures in the status that makes this sender try again. */
function asAnswered(source: Source, error: unknown, report: Report): unknown {
  reportRejected(source.name, error, report);
  if (isCallerError(error) || source.onFailure === undefined) return error;
  const reason = error instanceof RelayError ? error.message : 'not recorded, try again';
  return new Unavailable(reason, source.onFailure, error);
}
