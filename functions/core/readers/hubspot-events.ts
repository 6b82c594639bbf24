import type { ContactId } from '../model/contact-id.ts';
import { parseContactId } from '../model/contact-id.ts';
import { kindOfProperty, listOfProperty } from '../model/contact-property.ts';
import { Unreadable } from '../model/errors.ts';
import type { Signal } from '../model/signal.ts';
import type { Payload } from '../payload/fields.ts';
import { optionalText, textField } from '../payload/fields.ts';
import type { Reading } from '../verify/source.ts';
import { readEach } from '../verify/source.ts';
import type { Arrived } from './sender-event.ts';
import { timeIn } from './sender-event.ts';

/**
 * Reads the events that HubSpot sends to an app. A contact id is only valid within its account. If `portalId` is set, events
 * of other accounts are counted as unreadable, so that a wrong setting is noticed.
 */
export function readHubSpotEvents(
  events: readonly unknown[],
  { portalId, receivedAt }: Arrived & { readonly portalId: string | undefined },
): Reading {
  const erase: ContactId[] = [];
  const reading = readEach(events, (event) => {
    if (portalId !== undefined && textField(event, 'portalId') !== portalId) {
      throw new Unreadable('portalId belongs to another account');
    }
    const word = (optionalText(event, 'subscriptionType') ?? textField(event, 'eventType')).toLowerCase();
    if (!(word.startsWith('contact.') || event.objectTypeId === '0-1')) return []; // about a company
    if (!word.endsWith('.privacydeletion')) return signalsOf(event, word.endsWith('.propertychange'), receivedAt);
    erase.push(parseContactId(event.objectId));
    return [];
  });
  return erase.length > 0 ? { ...reading, erase } : reading;
}

function signalsOf(event: Payload, isChange: boolean, receivedAt: Date): readonly Signal[] {
  if (!(isChange || event.objectId)) return []; // an association of two contacts
  const occurredAt = timeIn(event.occurredAt);
  return [
    {
      ...(isChange && !isByProgram(event) ? meaningOf(event) : { kind: 'ignored', scope: 'all' }),
      contactId: parseContactId(event.objectId),
      eventKey: keyOf(event, receivedAt),
      ...(occurredAt ? { occurredAt } : { occurredAt: receivedAt, isTimeAssumed: true }),
      confidence: 'exact',
    },
  ];
}

/** `eventId` is not unique; these together are, and the same in a retry. Without a time, the day of arrival replaces it. */
function keyOf(event: Payload, receivedAt: Date): string {
  const names = ['portalId', 'subscriptionId', 'objectId', 'propertyName'].map((name) => optionalText(event, name));
  const time = optionalText(event, 'occurredAt') ?? receivedAt.toISOString().slice(0, 'yyyy-mm-dd'.length);
  return [...names, propertyValueOf(event), time].join(' ');
}

function meaningOf(event: Payload): Pick<Signal, 'kind' | 'scope' | 'property'> {
  const property = optionalText(event, 'propertyName')?.toLowerCase() ?? '';
  const kind = kindOfProperty(property, propertyValueOf(event) ?? '');
  const list = listOfProperty(property);
  return { kind, scope: list === undefined ? 'all' : { list }, ...(kind === 'ignored' ? {} : { property }) };
}

/** Documented as text. A boolean must not be read as its opposite. */
function propertyValueOf(event: Payload): string | undefined {
  return typeof event.propertyValue === 'boolean' ? String(event.propertyValue) : optionalText(event, 'propertyValue');
}

const PROGRAMS: readonly unknown[] = ['API', 'INTEGRATION'];

/** Whether a program made the change, possibly the relay. Changes by another app, which `sourceId` names, still count. */
function isByProgram(event: Payload): boolean {
  const [changeSource, app, source = app] = ['changeSource', 'appId', 'sourceId'].map((name) =>
    optionalText(event, name),
  );
  return PROGRAMS.includes(changeSource?.toUpperCase()) && source === app;
}
