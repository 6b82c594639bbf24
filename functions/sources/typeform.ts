import type { Kind } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { isObject, jsonOf, objectOf, optionalText, partOf, rowOf, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import type { FieldMap } from '../core/readers/field-map.ts';
import type { Submission } from '../core/readers/form-submission.ts';
import { emailsUnder, entriesOf, readSubmission, textsOf } from '../core/readers/form-submission.ts';
import { afterPrefix, hmac } from '../core/verify/hmac.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * A Typeform whose submission is an opt-out. The secret is the webhook's secret. The field map names answers by the
 * question's reference or id, hidden fields by name, and everything else by path.
 * Payload: https://www.typeform.com/developers/webhooks/example-payload/
 * Signature: https://www.typeform.com/developers/webhooks/secure-your-webhooks/
 */
export function typeform(fields: FieldMap = {}): Source {
  return {
    name: 'typeform',
    scheme: 'signature',

    verify: hmac({ header: 'typeform-signature', signatures: afterPrefix('sha256='), encoding: 'base64' }),
    read: (request) => readSubmission(submissionOf(request), fields),
  };
}

const KINDS: Readonly<Record<string, Kind>> = {
  form_response: 'opt_out', // a partial response was not submitted
};

function submissionOf(request: RawRequest): Submission {
  const event = objectOf(jsonOf(request.body), 'the body');
  const response = partOf(event, 'form_response');
  const hidden = partOf(response, 'hidden');
  const answers = entriesOf(response.answers);
  const typed = answers.filter(({ type }) => type === 'email').flatMap(({ email }) => textsOf(email));
  return {
    request,
    kind: rowOf(KINDS, textField(event, 'event_type').toLowerCase()) ?? 'ignored',
    places: [{ ...hidden, ...Object.fromEntries(answers.flatMap(namesOf)) }, response, event],
    emails: typed.length > 0 ? typed : emailsUnder(hidden),
    id: optionalText(event, 'event_id'),
    time: response.submitted_at,
  };
}

function namesOf(answer: Payload): readonly (readonly [name: string, value: unknown])[] {
  const question = partOf(answer, 'field');
  const value = answerOf(answer);
  return [...textsOf(question.id), ...textsOf(question.ref)].map((name) => [name, value]);
}

/** The value is in the field named by its type. For choices, returns the labels that the person saw, and their own text. */
function answerOf(answer: Payload): unknown {
  const value = rowOf(answer, optionalText(answer, 'type'));
  if (!isObject(value)) return value;
  const texts = [value.labels, value.label, value.other].filter((each) => each !== undefined);
  return texts.length > 0 ? texts.flat().filter(isText) : value;
}

const isText = (value: unknown): value is string => typeof value === 'string';
