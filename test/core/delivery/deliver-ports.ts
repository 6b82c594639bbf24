import type { DeliverPorts } from '../../../functions/core/delivery/deliver.ts';
import type { ContactResponse, Subject } from '../../../functions/core/delivery/hubspot.ts';
import { AT } from '../examples.ts';
import { createMemoryLedger } from '../ledger/memory.ts';

type Responses = readonly (ContactResponse | (() => ContactResponse))[];

/** A HubSpot that returns these responses in turn and records the calls. */
export function scriptedHubSpot(responses: Responses) {
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
    findContact: (contactId: string) => respond(`findContact ${contactId}`),
  };
  return { hubspot: () => hubspot, calls, subjects };
}

/** Ports with a scripted HubSpot, a ledger in memory, and a clock that the test sets. */
export function deliverPorts(responses: Responses, change: Partial<DeliverPorts> = {}) {
  const { hubspot, calls, subjects } = scriptedHubSpot(responses);
  const { ledger, operatorLedger, completions } = createMemoryLedger();
  const time = { now: AT };
  const ports: DeliverPorts = {
    ledger,
    hubspot,
    businessUnitIds: { pets: '5' },
    staleAfterSeconds: 3_600,
    isOverSurgeLimit: async () => false,
    sign: async () => undefined,
    clock: () => time.now,
    random: () => 0,
    ...change,
  };
  return { ports, ledger, operatorLedger, completions, calls, subjects, time };
}
