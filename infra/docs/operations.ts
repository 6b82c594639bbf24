import * as z from 'zod/mini';
import { MAX_ADDRESSES, MAX_DAYS } from '../../functions/core/links/issue-links.ts';
import { ERROR_CODES } from '../../functions/core/model/errors.ts';
import type { ReceiptStatus } from '../../functions/pages/receipt-page.ts';
import { LANGUAGES } from '../../functions/pages/wording.ts';
import { sources } from '../../functions/sources/index.ts';

/** A route, as docs/openapi.json describes it. */
export interface Operation {
  readonly summary: string;
  readonly description?: string;
  /** Parameters of the query, all optional. */
  readonly query?: Readonly<Record<string, Parameter>>;
  /** By media type. */
  readonly requestBody?: Content;
  /** Whether an API key is required. */
  readonly isSecured?: true;
  /** By status. */
  readonly responses: Responses;
}

export interface Parameter {
  readonly description: string;
  readonly schema: z.ZodMiniType;
}

/** Schemas by media type. */
export type Content = Readonly<Record<string, z.ZodMiniType>>;
export type Responses = Readonly<Record<number, Response>>;

export interface Response {
  readonly description: string;
  /** If omitted, the body is empty. */
  readonly content?: Content;
  /** Headers that the response always has, with what they hold. */
  readonly headers?: Readonly<Record<string, string>>;
}

const text = z.string();
const dateTime = z.iso.datetime();
const html = { 'text/html': text };

const STATES = ['received', 'confirmed', 'superseded'] as const satisfies readonly ReceiptStatus['state'][];

/** The schemas with a name. */
export const SCHEMAS = {
  Error: z.strictObject({ error: text }),
  PageError: z.strictObject({ error: text, code: z.enum(ERROR_CODES) }),
  Recorded: z.strictObject({ receipt: z.url() }),
  Receipt: z.strictObject({ state: z.enum(STATES), receivedAt: dateTime, closedAt: z.optional(dateTime) }),
  Health: z.strictObject({ ok: z.literal(true), version: text }),
  Submission: z.object({
    email: text,
    lang: z.optional(text),
    brand: z.optional(text),
    /** For bots: people do not see the field. */
    website: z.optional(z.literal('')),
  }),
  LinksRequest: z.strictObject({
    addresses: z
      .array(z.union([text, z.strictObject({ email: text, lang: z.optional(text), brand: z.optional(text) })]))
      .check(z.minLength(1), z.maxLength(MAX_ADDRESSES)),
    lang: z.optional(text),
    brand: z.optional(text),
    expiresInDays: z.optional(z.int().check(z.minimum(1), z.maximum(MAX_DAYS))),
  }),
  Links: z.strictObject({
    links: z.array(
      z.strictObject({
        index: z.int(),
        url: z.url(),
        headers: z.strictObject({ 'List-Unsubscribe': text, 'List-Unsubscribe-Post': text }),
      }),
    ),
    errors: z.array(z.strictObject({ index: z.int(), error: text })),
  }),
};

/** The parameters in the paths. */
export const PATH_PARAMETERS: Readonly<Record<string, Parameter>> = {
  source: { description: 'The name of the sender.', schema: z.enum(sources.map(({ name }) => name)) },
  token: { description: 'A sealed link.', schema: text },
  receipt: { description: 'A sealed receipt.', schema: text },
};

const ERRORS: Readonly<Record<number, string>> = {
  400: 'The request is not as documented. Nothing was recorded, and a retry does not help.',
  401: 'The proof is missing or wrong.',
  404: 'There is no such source.',
  413: 'The body is too large.',
  415: 'The body has another media type.',
  429: 'The relay failed, and the sender retries after this status only.',
  503: 'The relay failed. Nothing was recorded; retry.',
};

function errors(content: Content, ...statuses: readonly number[]): Responses {
  return Object.fromEntries(statuses.map((status) => [status, { description: ERRORS[status] ?? '', content }]));
}

const programErrors = (...statuses: readonly number[]) => errors({ 'application/json': SCHEMAS.Error }, ...statuses);
/** A page for people, or JSON if the request accepts it. */
const pageErrors = (...statuses: readonly number[]) =>
  errors({ ...html, 'application/json': SCHEMAS.PageError }, ...statuses);

const language = { description: 'The language of the page.', schema: z.enum(LANGUAGES) };
const brand = { description: 'A brand of the configuration.', schema: text };
const anything = { '*/*': text };

/** Every route but those of HEAD, which respond like GET without a body. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'POST /webhooks/{source}': {
    summary: 'Report opt-outs, as the sender does',
    description: 'The format and the proof are those of the sender: see docs/sources.md.',
    requestBody: anything,
    responses: {
      200: { description: 'The opt-outs are on the queue. Some senders expect a body.', content: anything },
      ...programErrors(400, 401, 404, 413, 429, 503),
    },
  },
  'GET /webhooks/{source}': {
    summary: 'Check that a source exists',
    description: 'Changes nothing, except for a sender that reports its events by GET.',
    responses: {
      200: { description: 'The source exists. Some senders expect a body.', content: anything },
      ...programErrors(400, 401, 404, 413, 503),
    },
  },
  'OPTIONS /webhooks/{source}': {
    summary: 'Ask for the methods, or for the permission to send',
    responses: {
      200: { description: 'The sender may send.' },
      204: { description: 'The methods.', headers: { allow: 'the methods' } },
      ...programErrors(401, 404, 503),
    },
  },
  'GET /u/{token}': {
    summary: 'Show the page that confirms an opt-out',
    description: 'Changes nothing.',
    query: { lang: language },
    responses: { 200: { description: 'The page.', content: html }, ...pageErrors(400, 503) },
  },
  'POST /u/{token}': {
    summary: 'Unsubscribe by one click',
    description: 'RFC 8058. The body is ignored, except for the button of the page.',
    query: { lang: language },
    requestBody: anything,
    responses: {
      200: {
        description: 'The opt-out is on the queue.',
        content: { ...html, 'application/json': SCHEMAS.Recorded },
        headers: { 'content-location': 'the path of the receipt' },
      },
      ...pageErrors(400, 413, 503),
    },
  },
  'GET /': {
    summary: 'Go to the form',
    responses: { 302: { description: 'The form.', headers: { location: 'the form' } } },
  },
  'GET /unsubscribe': {
    summary: 'Show the form',
    query: { lang: language, brand },
    responses: { 200: { description: 'The page.', content: html }, ...pageErrors(503) },
  },
  'POST /unsubscribe': {
    summary: 'Submit the form',
    description: 'The response is the same for known and unknown addresses.',
    requestBody: {
      'application/x-www-form-urlencoded': SCHEMAS.Submission,
      'multipart/form-data': SCHEMAS.Submission,
      'application/json': SCHEMAS.Submission,
    },
    responses: {
      202: { description: 'The opt-out is on the queue.', content: { 'application/json': SCHEMAS.Recorded } },
      303: { description: 'The opt-out is on the queue.', headers: { location: 'the path of the receipt' } },
      ...pageErrors(400, 413, 415, 503),
      429: {
        description: 'Too many submissions. With the code `alreadyRecorded`, the request is recorded already.',
        content: { ...html, 'application/json': SCHEMAS.PageError },
        headers: { 'retry-after': 'seconds until the next attempt' },
      },
    },
  },
  'OPTIONS /unsubscribe': {
    summary: 'Ask whether a script on a landing page may submit the form',
    responses: { 204: { description: 'The CORS headers for a configured origin.' } },
  },
  'GET /unsubscribe-form.js': {
    summary: 'The script for forms on other sites',
    query: { lang: { ...language, description: 'The language of its texts.' }, brand },
    responses: {
      200: { description: 'The script.', content: { 'text/javascript': text }, headers: { etag: 'its version' } },
      304: { description: 'The script has not changed.', headers: { etag: 'its version' } },
    },
  },
  'GET /receipts/{receipt}': {
    summary: 'Show the state of an opt-out',
    description: 'Never shows the address.',
    query: { lang: language },
    responses: {
      200: { description: 'The state.', content: { ...html, 'application/json': SCHEMAS.Receipt } },
      ...pageErrors(400, 503),
    },
  },
  'GET /health': {
    summary: 'Show that the relay runs, and its version',
    responses: { 200: { description: 'It runs.', content: { 'application/json': SCHEMAS.Health } } },
  },
  'POST /links': {
    summary: 'Create sealed links',
    isSecured: true,
    requestBody: { 'application/json': SCHEMAS.LinksRequest },
    responses: {
      200: {
        description: 'The links. An address that is not valid is in `errors`, and does not affect the others.',
        content: { 'application/json': SCHEMAS.Links },
      },
      ...programErrors(400, 401, 413, 503),
    },
  },
};
