import type { EmailAddress } from '../model/email-address.ts';
import type { Scope } from '../model/signal.ts';
import type { Definitions } from './definitions.ts';
import { isAccountRefused } from './evidence.ts';
import type { HubSpot, HubSpotResponse, Subject, SubscriptionType } from './hubspot.ts';

export interface SubjectPorts {
  readonly hubspot: Pick<HubSpot, 'readDefinitions'>;
  readonly definitions: Definitions;
  /** By brand name. */
  readonly businessUnitIds: Readonly<Record<string, string>>;
}

/** What an opt-out is about. */
export interface Coverage {
  readonly email: EmailAddress;
  readonly scope: Scope;
  /** If omitted, all brands. */
  readonly brand?: string | undefined;
}

export type Subjects =
  | { readonly ok: true; readonly subjects: readonly Subject[] }
  /** HubSpot refuses every call at the moment. */
  | { readonly ok: false; readonly response: HubSpotResponse };

/**
 * Translates an opt-out into HubSpot's terms, with one subject per call. Without a brand it is about every business unit: the
 * account's own, the ones that have subscription types, and the configured ones. So is one of a brand that is not configured any
 * longer.
 */
export async function subjectsOf({ email, scope, brand }: Coverage, ports: SubjectPorts): Promise<Subjects> {
  const { hubspot, definitions, businessUnitIds } = ports;
  const ofBrand = brand !== undefined && Object.hasOwn(businessUnitIds, brand) ? businessUnitIds[brand] : undefined;
  if (ofBrand !== undefined) {
    return { ok: true, subjects: [{ email, businessUnitId: ofBrand, ...subscriptionOf(scope) }] };
  }
  const response = await definitions.read(hubspot);
  if (!response.types && isAccountRefused(response)) return { ok: false, response };
  const units = scope === 'all' ? unitsOf(response.types, businessUnitIds) : [unitOf(scope.list, response.types)];
  return { ok: true, subjects: units.map((unit) => ({ email, ...unit, ...subscriptionOf(scope) })) };
}

type Unit = Pick<Subject, 'businessUnitId'>;

const ACCOUNT: Unit = {};

/** An account without the Brands add-on has business unit 0 only, which is not named. */
function unitsOf(
  types: readonly SubscriptionType[] | undefined,
  configured: SubjectPorts['businessUnitIds'],
): readonly Unit[] {
  const others = [...(types ?? []).map(({ businessUnitId }) => businessUnitId), ...Object.values(configured)];
  const ids = [...new Set(['0', ...others])];
  if (ids.length === 1) return [ACCOUNT];
  return ids.map((businessUnitId) => (types || businessUnitId !== '0' ? { businessUnitId } : ACCOUNT));
}

function unitOf(list: string, types: readonly SubscriptionType[] | undefined): Unit {
  const businessUnitId = types?.find(({ id }) => id === list)?.businessUnitId ?? '0';
  return businessUnitId === '0' ? ACCOUNT : { businessUnitId };
}

function subscriptionOf(scope: Scope): Pick<Subject, 'subscriptionId'> {
  return scope === 'all' ? {} : { subscriptionId: scope.list };
}
