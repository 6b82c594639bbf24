import type { Payload } from '../core/payload/fields.ts';
import { objectOf } from '../core/payload/fields.ts';
import { anyFormOf, field, jsonIn } from '../core/payload/form.ts';
import type { RawRequest } from '../core/payload/http.ts';
import type { FieldMap } from '../core/readers/field-map.ts';
import type { Submission } from '../core/readers/form-submission.ts';
import { emailsUnder, readSubmission, textsOf } from '../core/readers/form-submission.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * An Unbounce page whose form is an opt-out. Submissions are not signed. The secret is the value of `?key=` in the webhook's
 * URL. The field map names the form's fields by their keys in `data.json`, in lower case with underscores.
 * Webhook: https://documentation.unbounce.com/hc/en-us/articles/203510044-Using-a-Webhook
 */
export function unbounce(fields: FieldMap = {}): Source {
  return {
    name: 'unbounce',
    scheme: 'shared-secret',

    verify: sharedSecret,
    read: (request) => readSubmission(submissionOf(request), fields),
  };
}

function submissionOf(request: RawRequest): Submission {
  const form = anyFormOf(request);
  const answers = objectOf(jsonIn(form, 'data.json'), 'data.json');
  return {
    request,
    kind: 'opt_out', // the only event
    places: [answers, Object.fromEntries(form)],
    emails: emailsUnder(answers),
    time: timeIn(answers),
    form: field(form, 'page_id'),
  };
}

const DAY_AND_HOUR = /^\S+ (?:0?[1-9]|1[0-2]):[0-5]\d [AP]M UTC$/;

/** `2017-11-15` and `11:45 AM UTC`. Returns undefined for any other time zone than the documented UTC. */
function timeIn(answers: Payload): string | undefined {
  const text = [answers.date_submitted, answers.time_submitted].flatMap(textsOf).join(' ');
  const at = DAY_AND_HOUR.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : String(at);
}
