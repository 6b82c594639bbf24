import type { Kind } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { jsonOf, objectOf, optionalText, partOf, rowOf, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import type { FieldMap } from '../core/readers/field-map.ts';
import type { Submission } from '../core/readers/form-submission.ts';
import { emailsUnder, entriesOf, readSubmission, textsOf } from '../core/readers/form-submission.ts';
import { hmac } from '../core/verify/hmac.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * A Tally form whose submission is an opt-out. The secret is the webhook's signing secret. The field map names answers and
 * hidden fields by label or key, and everything else by path.
 * Payload and signature: https://tally.so/help/webhooks
 */
export function tally(fields: FieldMap = {}): Source {
  return {
    name: 'tally',
    scheme: 'signature',

    verify: hmac({ header: 'tally-signature', encoding: 'base64' }),
    read: (request) => readSubmission(submissionOf(request), fields),
  };
}

const KINDS: Readonly<Record<string, Kind>> = {
  form_response: 'opt_out',
};

function submissionOf(request: RawRequest): Submission {
  const event = objectOf(jsonOf(request.body), 'the body');
  const data = partOf(event, 'data');
  const answers = entriesOf(data.fields);
  const ofType = (type: string) => answers.filter((answer) => answer.type === type);
  const typed = ofType('INPUT_EMAIL').flatMap(({ value }) => textsOf(value));
  return {
    request,
    kind: rowOf(KINDS, textField(event, 'eventType').toLowerCase()) ?? 'ignored',
    places: [namedBy('key', answers), namedBy('label', answers), data, event],
    emails: typed.length > 0 ? typed : emailsUnder(namedBy('label', ofType('HIDDEN_FIELDS'))),
    id: optionalText(event, 'eventId'),
    time: event.createdAt,
  };
}

function namedBy(name: 'key' | 'label', answers: readonly Payload[]): Payload {
  return Object.fromEntries(answers.map((answer) => [optionalText(answer, name) ?? '', answerOf(answer)]));
}

/** A choice is sent as an id. Returns the text that the person saw. */
function answerOf({ value, options }: Payload): unknown {
  const texts = new Map(entriesOf(options).map(({ id, text }) => [id, text]));
  return Array.isArray(value)
    ? value.map((choice: unknown) => texts.get(choice) ?? choice)
    : (texts.get(value) ?? value);
}
