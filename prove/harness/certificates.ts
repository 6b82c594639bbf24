import { AUTHORITIES, CERTIFICATE } from '../../test/sources/sns-signing.ts';
import { CERTIFICATE_URLS } from './sender-signatures.ts';

/** By URL, what those who sign for topics have published. */
const PUBLISHED: Readonly<Record<string, string>> = {
  [CERTIFICATE_URLS.ses]: CERTIFICATE,
  [CERTIFICATE_URLS.scaleway]: CERTIFICATE,
  'https://messaging.s3.fr-par.scw.cloud/fr-par/sns/sns-trust-chain.pem': AUTHORITIES,
};

/** Lets the functions that are loaded from now on fetch the certificates; nothing leaves the machine. Gives back what ends that. */
export function publishCertificates(): () => void {
  const { fetch } = globalThis;
  globalThis.fetch = async (asked, init) => {
    const { href, protocol } = new URL(asked instanceof Request ? asked.url : asked);
    const certificate = PUBLISHED[href];
    if (certificate !== undefined) {
      return new Response(certificate, { headers: { 'content-length': `${Buffer.byteLength(certificate)}` } });
    }
    if (protocol === 'https:') throw new TypeError('nothing leaves the machine');
    return fetch(asked, init);
  };
  return () => {
    globalThis.fetch = fetch;
  };
}
