import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ANN, type Simulated, simulated } from './simulated.ts';

/**
 * The endpoints as HubSpot's reference describes them: the parameters and fields that they require, and those they return.
 * @see https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v4/guide
 */
interface Endpoint {
  readonly method: string;
  /** Below the version. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** The required fields of the body; of `inputs`, those of each input. */
  readonly fields?: readonly string[];
  readonly needsChannel: boolean;
  /** Without `verbose=true` there are no results. */
  readonly needsVerbose: boolean;
  /** The required fields of each result, and of each row in a batch. */
  readonly result: readonly string[];
  readonly rows?: readonly [name: string, fields: readonly string[]];
}

const STATUS = ['channel', 'source', 'status', 'subscriberIdString', 'subscriptionId', 'timestamp'];
const WIDE = ['channel', 'status', 'subscriberIdString', 'timestamp', 'wideStatusType'];
const DEFINITION = ['id', 'name', 'description', 'isActive', 'isDefault', 'isInternal', 'createdAt', 'updatedAt'];
const ONE = { channel: 'EMAIL', statusState: 'UNSUBSCRIBED', subscriptionId: 1 };
const INPUTS = { inputs: [ANN] };
const at = { needsChannel: true, needsVerbose: false };

const ENDPOINTS: readonly Endpoint[] = [
  { ...at, method: 'POST', path: `statuses/${ANN}/unsubscribe-all`, needsVerbose: true, result: STATUS },
  { ...at, method: 'GET', path: `statuses/${ANN}/unsubscribe-all`, result: WIDE },
  { ...at, method: 'GET', path: `statuses/${ANN}`, result: STATUS },
  {
    method: 'POST',
    path: `statuses/${ANN}`,
    body: ONE,
    fields: ['channel', 'statusState', 'subscriptionId'],
    needsChannel: false,
    needsVerbose: false,
    result: STATUS,
  },
  { method: 'GET', path: 'definitions', needsChannel: false, needsVerbose: false, result: DEFINITION },
  {
    ...at,
    method: 'POST',
    path: 'statuses/batch/unsubscribe-all',
    body: INPUTS,
    fields: ['inputs'],
    needsVerbose: true,
    result: ['subscriberIdString'],
    rows: ['statuses', STATUS],
  },
  {
    ...at,
    method: 'POST',
    path: 'statuses/batch/unsubscribe-all/read',
    body: INPUTS,
    fields: ['inputs'],
    result: ['subscriberIdString', 'wideStatuses'],
    rows: ['wideStatuses', WIDE],
  },
  {
    ...at,
    method: 'POST',
    path: 'statuses/batch/read',
    body: INPUTS,
    fields: ['inputs'],
    result: ['subscriberIdString', 'statuses'],
    rows: ['statuses', STATUS],
  },
  {
    method: 'POST',
    path: 'statuses/batch/write',
    body: { inputs: [{ ...ONE, subscriberIdString: ANN }] },
    fields: ['inputs'],
    needsChannel: false,
    needsVerbose: false,
    result: STATUS,
  },
];
const named = ENDPOINTS.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const);
const withFields = named.filter(([, { fields }]) => fields !== undefined);
/** The properties of a contact if the request names none. */
const DEFAULT_PROPERTIES = ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'];
const INPUT_FIELDS = ['channel', 'statusState', 'subscriptionId', 'subscriberIdString'];

let hubspot: Simulated;
beforeAll(async () => {
  hubspot = await simulated();
});
afterAll(() => hubspot.close());
beforeEach(async () => {
  await hubspot.sim('POST', 'reset');
  await hubspot.sim('PUT', `contacts/${ANN}`, { optedOut: true });
});

describe.each(['v4', '2026-03', '2026-09'])('in %s', (version) => {
  const call = ({ method, path, body }: Endpoint, query: Record<string, string>, sent: unknown = body) =>
    hubspot.api(method, `/communication-preferences/${version}/${path}?${new URLSearchParams(query)}`, { body: sent });

  it.each(named)('%s returns the required fields of the envelope and of each result', async (_, endpoint) => {
    const { status, json } = await call(endpoint, { channel: 'EMAIL', verbose: 'true' });

    expect(status).toBe(200);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(json).toMatchObject({ status: 'COMPLETE', startedAt: time, completedAt: time, requestedAt: time });
    expect(json.results.length).toBeGreaterThan(0);
    const [name, fields] = endpoint.rows ?? ['', []];
    for (const result of json.results) {
      expect(Object.keys(result)).toEqual(expect.arrayContaining([...endpoint.result]));
      if (name === '') continue;
      expect(result[name].length).toBeGreaterThan(0);
      for (const row of result[name]) expect(Object.keys(row)).toEqual(expect.arrayContaining([...fields]));
    }
  });

  it.each(named)('%s rejects a missing or other channel only where the reference requires it', async (_, endpoint) => {
    const missing = await call(endpoint, { verbose: 'true' });
    const other = await call(endpoint, { channel: 'SMS', verbose: 'true' });

    const status = endpoint.needsChannel ? 400 : 200;
    expect([missing.status, other.status]).toEqual([status, status]);
    if (status === 400) {
      expect(missing.json).toMatchObject({
        status: 'error',
        category: 'VALIDATION_ERROR',
        message: 'query param channel may not be null',
      });
    }
  });

  it.each(named)('%s returns no results without verbose only where the reference has it', async (_, endpoint) => {
    const { status, json } = await call(endpoint, { channel: 'EMAIL' });

    expect(status).toBe(200);
    expect(json.results.length > 0).toBe(!endpoint.needsVerbose);
  });

  it.each(withFields)('%s needs each required field of its body', async (_, endpoint) => {
    const before = (await hubspot.sim('GET', 'contacts')).json;
    const query = { channel: 'EMAIL' };

    for (const field of endpoint.fields ?? []) {
      const { [field]: _left, ...rest } = endpoint.body ?? {};
      expect(await call(endpoint, query, rest), field).toMatchObject({
        status: 400,
        json: { status: 'error', category: 'VALIDATION_ERROR', correlationId: expect.any(String) },
      });
    }
    expect((await call(endpoint, query, '')).status).toBe(400);
    expect((await hubspot.sim('GET', 'contacts')).json).toEqual(before);
  });

  it.each(INPUT_FIELDS)('statuses/batch/write needs %s in each input', async (field) => {
    const { [field]: _left, ...rest }: Record<string, unknown> = { ...ONE, subscriberIdString: ANN };
    const path = `/communication-preferences/${version}/statuses/batch/write`;

    expect((await hubspot.api('POST', path, { body: { inputs: [rest] } })).status).toBe(400);
  });

  it('contacts have the required fields', async () => {
    const { id } = (await hubspot.sim('GET', `contacts/${ANN}`)).json;
    const contacts = version === 'v4' ? '/crm/v3/objects/contacts' : `/crm/objects/${version}/contacts`;

    const { status, json } = await hubspot.api('GET', `${contacts}/${id}`);

    expect(status).toBe(200);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(json).toEqual({ id, properties: expect.any(Object), createdAt: time, updatedAt: time, archived: false });
    expect(Object.keys(json.properties).sort()).toEqual(DEFAULT_PROPERTIES);
  });

  it('links/generate needs the channel and the address', async () => {
    const path = `/communication-preferences/${version}/links/generate`;
    const body = { subscriberIdString: ANN };

    const { status, json } = await hubspot.api('POST', `${path}?channel=EMAIL`, { body });
    expect(status).toBe(200);
    expect(Object.keys(json)).toEqual(
      expect.arrayContaining(['managePreferencesUrl', 'subscriberIdString', 'unsubscribeAllUrl']),
    );
    expect((await hubspot.api('POST', path, { body })).status).toBe(400);
    expect((await hubspot.api('POST', `${path}?channel=EMAIL`, { body: {} })).status).toBe(400);
  });
});
