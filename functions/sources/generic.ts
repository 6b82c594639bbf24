import type { Payload } from '../core/payload/fields.ts';
import { jsonOf, objectOf, textOf } from '../core/payload/fields.ts';
import { anyFormOf } from '../core/payload/form.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { mediaType } from '../core/payload/http.ts';
import type { FieldMap } from '../core/readers/field-map.ts';
import type { Submission } from '../core/readers/form-submission.ts';
import { emailsUnder, readSubmission } from '../core/readers/form-submission.ts';
import type { HmacScheme } from '../core/verify/hmac.ts';
import { afterPrefix, hmac } from '../core/verify/hmac.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';

const FIELDS: FieldMap = { list: 'list', id: 'id', time: 'time' };

const RELAY_SIGNATURE: HmacScheme = {
  header: 'x-relay-signature',
  signatures: afterPrefix('sha256='),
  encoding: 'hex',
};

/**
 * Any sender that can post a JSON object, an array of objects, or a form. Each object is an opt-out. The field map names the
 * sender's fields. The proof is a signature over the body by `scheme`, or the secret itself: in basic auth, as a bearer
 * token, in `X-Relay-Key`, or as `?key=`.
 */
export function generic(fields: FieldMap = {}, scheme: HmacScheme = RELAY_SIGNATURE): Source {
  const map = { ...FIELDS, ...fields };
  const signature = hmac(scheme);
  return {
    name: 'generic',
    scheme: 'shared-secret',

    async verify(request, secrets, world) {
      try {
        return await signature(request, secrets, world);
      } catch {
        return sharedSecret(request, secrets, world); // either proof is enough
      }
    },

    read(request) {
      const body = bodyOf(request);
      const id = request.headers['idempotency-key']; // https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
      if (!Array.isArray(body))
        return readSubmission({ ...submissionOf(objectOf(body, 'the body'), request), id }, map);
      const skipped: string[] = [];
      const { signals, unreadable } = readEach(body, (entry) => {
        const reading = readSubmission(submissionOf(entry, request), map);
        skipped.push(...reading.unreadable);
        return reading.signals;
      });
      return { signals, unreadable: [...unreadable, ...skipped] };
    },
  };
}

function submissionOf(entry: Payload, request: RawRequest): Submission {
  return { request, kind: 'opt_out', places: [entry], emails: emailsUnder(entry), emailField: 'email' };
}

/** Recognizes JSON by its first character, because many clients post it with the media type of a form. */
function bodyOf(request: RawRequest): unknown {
  const isJson = mediaType(request) !== 'multipart/form-data' && /^\s*[[{]/.test(textOf(request.body));
  if (isJson) return jsonOf(request.body);
  const fields = [...anyFormOf(request)];
  return Object.fromEntries(fields.map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}
