import { AUTHORITIES, CERTIFICATE } from '../../test/sources/sns-signing.ts';
import { CERTIFICATE_URLS } from './sender-signatures.ts';

/** The certificates of SNS and Scaleway, by URL. */
const CERTIFICATES: Readonly<Record<string, string>> = {
  [CERTIFICATE_URLS.ses]: CERTIFICATE,
  [CERTIFICATE_URLS.scaleway]: CERTIFICATE,
  'https://messaging.s3.fr-par.scw.cloud/fr-par/sns/sns-trust-chain.pem': AUTHORITIES,
};

/**
 * Replaces `fetch` for the functions loaded afterwards: serves the certificates, and rejects every other https request so that
 * nothing leaves the machine. Returns a function that restores `fetch`.
 */
export function stubCertificates(): () => void {
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const { href, protocol } = new URL(input instanceof Request ? input.url : input);
    const certificate = CERTIFICATES[href];
    if (certificate !== undefined) {
      return new Response(certificate, { headers: { 'content-length': `${Buffer.byteLength(certificate)}` } });
    }
    if (protocol === 'https:') throw new TypeError(`no request may leave the machine: ${href}`);
    return fetch(input, init);
  };
  return () => {
    globalThis.fetch = fetch;
  };
}
