import type { SenderKey } from '../harness/sender-signatures.ts';
import { newKeyOf, sampleKeyOf, signRequest } from '../harness/senders.ts';

/** A request as somebody without the secret would send it. */
export interface Forgery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly query: string;
}

export const ORIGIN = 'https://relay.example.com';

/** API Gateway accepts 10 KiB of request line and headers. */
const HEADER_BYTES = 9_000;

/** Signs a body as the sender of a source does, with all that somebody else can know: everything but the secret. */
export function forgeriesOf(source: string, body: Buffer): readonly Forgery[] {
  const sign = (key: SenderKey) => signRequest(source, body, { key, at: new Date(), origin: ORIGIN });
  const forged = sign(strangerTo(source));
  const published = PUBLISHED_KEYS[source];
  const all = [
    forged,
    ...(forged.body === body ? [] : [{ headers: {}, body }]), // the signature is in the body
    ...(published === undefined ? [] : [sign({ secret: published })]),
    ...(ALLOWED_TOPICS.includes(source) ? [damaged(sign(sampleKeyOf(source)))] : []),
  ];
  return all.map(({ headers, body: sent }) => ({ headers, body: sent, query: '' }));
}

const strangers = new Map<string, SenderKey>();

/** Generating an RSA key takes a second. */
function strangerTo(source: string): SenderKey {
  const key = strangers.get(source) ?? newKeyOf(source);
  strangers.set(source, key);
  return key;
}

/** Requests whose URL and headers are as large as possible: each header of the proof many times, and many keys. */
export function oversizedForgeries(source: string, body: Buffer): readonly Forgery[] {
  const [forged] = forgeriesOf(source, body);
  const headers = Object.entries(forged?.headers ?? {});
  const repeatedBy = (separator: string) =>
    headers.map(([name]) => {
      const long = (value: string) => `${value}${separator}`.repeat(HEADER_BYTES / (value.length + separator.length));
      return Object.fromEntries(headers.map(([it, value]) => [it, it === name ? long(value) : value]));
    });
  const basic = { authorization: `Basic ${Buffer.alloc(6_000, 'a:').toString('base64')}` };
  const almost = `key=sample-secret-${source.slice(1)}x&`; // as long as a secret
  return [
    ...[...repeatedBy(' '), ...repeatedBy(','), basic].map((each) => ({ headers: each, body, query: '' })),
    ...['key=&', almost].map((each) => ({ headers: {}, body, query: each.repeat(HEADER_BYTES / each.length) })),
  ];
}

/** Keys that a sender publishes, for a test request. */
const PUBLISHED_KEYS: Readonly<Record<string, string>> = { mailersend: 'test_Am3L1GuOIc4blLUuHqAPxxwkZaJyEk8G' };

/** The secrets of these sources are the names of topics, which are not secret. */
export const ALLOWED_TOPICS: readonly string[] = ['ses', 'scaleway'];

function damaged(signed: Pick<Forgery, 'headers' | 'body'>): Pick<Forgery, 'headers' | 'body'> {
  return { ...signed, body: Buffer.from(signed.body.toString().replace('"MessageId":"', '"MessageId":"x')) };
}
