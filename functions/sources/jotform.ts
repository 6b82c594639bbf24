import { objectOf } from '../core/payload/fields.ts';
import { anyFormOf, field, jsonIn } from '../core/payload/form.ts';
import type { RawRequest } from '../core/payload/http.ts';
import type { FieldMap } from '../core/readers/field-map.ts';
import type { Submission } from '../core/readers/form-submission.ts';
import { emailsUnder, readSubmission } from '../core/readers/form-submission.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * A Jotform form whose submission is an opt-out. Submissions are not signed. The secret is the value of `?key=` in the
 * webhook's URL. The field map names answers by their keys in `rawRequest`, such as `q3_email`.
 * Webhook: https://www.jotform.com/help/245-how-to-setup-a-webhook-with-jotform/
 */
export function jotform(fields: FieldMap = {}): Source {
  return {
    name: 'jotform',
    scheme: 'shared-secret',

    verify: sharedSecret,
    read: (request) => readSubmission(submissionOf(request), fields),
  };
}

/** An email question that kept its default name. `q3_` is its number in the form. */
const EMAIL_ANSWER = /^q\d+_.*e-?mail/i;

function submissionOf(request: RawRequest): Submission {
  const form = anyFormOf(request);
  const answers = objectOf(jsonIn(form, 'rawRequest'), 'rawRequest');
  return {
    request,
    kind: 'opt_out', // the only event
    places: [answers, Object.fromEntries(form)],
    emails: emailsUnder(answers, EMAIL_ANSWER),
    id: field(form, 'submissionID'),
    form: field(form, 'formID'),
  };
}
