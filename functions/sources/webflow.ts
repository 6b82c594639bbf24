import type { Kind } from '../core/model/signal.ts';
import { jsonOf, objectOf, optionalText, partOf, rowOf, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import type { FieldMap } from '../core/readers/field-map.ts';
import type { Submission } from '../core/readers/form-submission.ts';
import { emailsUnder, readSubmission } from '../core/readers/form-submission.ts';
import { hmac } from '../core/verify/hmac.ts';
import type { Source } from '../core/verify/source.ts';
import { requiredHeader } from '../core/verify/verify.ts';

/**
 * A Webflow form whose submission is an opt-out. The secret is the client secret of the app that created the webhook, or the
 * key of a webhook created with a site token. A webhook created in the site's settings is not signed. The field map names the
 * form's fields by name, and everything else by path.
 * Payload: https://developers.webflow.com/data/reference/webhooks/events/form-submission
 * Signature: https://developers.webflow.com/data/docs/working-with-webhooks#validating-request-signatures
 */
export function webflow(fields: FieldMap = {}): Source {
  const timestamp = (request: RawRequest) => requiredHeader(request, 'x-webflow-timestamp');
  return {
    name: 'webflow',
    scheme: 'signature',

    verify: hmac({
      header: 'x-webflow-signature',
      encoding: 'hex',
      signed: (request) => [`${timestamp(request)}:`, request.body],
      freshness: { timestamp, unit: 'milliseconds', toleranceSeconds: 300 },
    }),
    read: (request) => readSubmission(submissionOf(request), fields),
  };
}

const KINDS: Readonly<Record<string, Kind>> = {
  form_submission: 'opt_out',
};

function submissionOf(request: RawRequest): Submission {
  const event = objectOf(jsonOf(request.body), 'the body');
  const payload = partOf(event, 'payload');
  const answers = partOf(payload, 'data');
  return {
    request,
    kind: rowOf(KINDS, textField(event, 'triggerType').toLowerCase()) ?? 'ignored',
    places: [answers, payload, event],
    emails: emailsUnder(answers),
    id: optionalText(payload, 'id'),
    time: payload.submittedAt,
  };
}
