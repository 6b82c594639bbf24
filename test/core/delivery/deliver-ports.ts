import { createDefinitions } from '../../../functions/core/delivery/definitions.ts';
import type { DeliverPorts } from '../../../functions/core/delivery/deliver.ts';
import type { ContactResponse, DefinitionsResponse, Subject } from '../../../functions/core/delivery/hubspot.ts';
import { AT } from '../examples.ts';
import { createMemoryLedger } from '../ledger/memory.ts';

type Responses = readonly (ContactResponse | (() => ContactResponse))[];

/** The definitions of an account without brands. */
export const NO_BRANDS: DefinitionsResponse = { status: 200, types: [{ id: '7', businessUnitId: '0' }] };

/** A HubSpot that returns these responses in turn and records the calls, except those for definitions. */
export function scriptedHubSpot(responses: Responses, definitions: () => DefinitionsResponse = () => NO_BRANDS) {
  const left = [...responses];
  const calls: string[] = [];
  const subjects: Subject[] = [];
  const respond = async (call: string, subject?: Subject): Promise<ContactResponse> => {
    calls.push(call);
    if (subject) subjects.push(subject);
    const response = left.shift();
    if (response === undefined) throw new Error(`the script has no response for ${call}`);
    return typeof response === 'function' ? response() : response;
  };
  const hubspot = {
    unsubscribe: (subject: Subject) => respond('unsubscribe', subject),
    readStatus: (subject: Subject) => respond('readStatus', subject),
    readSubscriptions: (subject: Subject) => respond('readSubscriptions', subject),
    findContact: (contactId: string, property?: string) =>
      respond(`findContact ${contactId}${property === undefined ? '' : ` ${property}`}`),
    readDefinitions: async () => definitions(),
  };
  return { hubspot: () => hubspot, calls, subjects };
}

/** Ports with a scripted HubSpot, a ledger in memory, and a clock that the test sets. */
export function deliverPorts(
  responses: Responses,
  { readDefinitions, ...change }: Partial<DeliverPorts> & { readDefinitions?: () => DefinitionsResponse } = {},
) {
  const { hubspot, calls, subjects } = scriptedHubSpot(responses, readDefinitions);
  const { ledger, operatorLedger, completions } = createMemoryLedger();
  const time = { now: AT };
  const ports: DeliverPorts = {
    ledger,
    hubspot,
    definitions: createDefinitions({ clock: () => time.now, report: () => {} }),
    businessUnitIds: {},
    staleAfterSeconds: 3_600,
    uncheckedAfterHours: 24,
    allAddresses: false,
    enqueue: () => Promise.reject(new Error('unexpected call')),
    isOverSurgeLimit: async () => false,
    sign: async () => undefined,
    clock: () => time.now,
    random: () => 0,
    ...change,
  };
  return { ports, ledger, operatorLedger, completions, calls, subjects, time };
}
