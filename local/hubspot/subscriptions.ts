/** A subscription type. Like HubSpot's, its `id` is a string, but a number in a status. */
export interface Definition {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly purpose: string;
  readonly communicationMethod: string;
  readonly isActive: boolean;
  readonly isDefault: boolean;
  readonly isInternal: boolean;
  readonly businessUnitId: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

const TYPES = [
  { name: 'Marketing Information', purpose: 'Marketing', description: 'News and offers.' },
  { name: 'Customer Service Communication', purpose: 'Service', description: 'Answers to requests and surveys.' },
  { name: 'One to One', purpose: 'Sales', description: 'Messages from one person to another.' },
] as const;
const SINCE = '2024-01-01T00:00:00.000Z';
/** Every brand has the same types. A type's id in a brand is its id in the account plus the brand's id times this. */
const IDS_PER_BRAND = 1000;

/** The largest brand id whose subscription ids are still exact numbers. */
export const LARGEST_BRAND = Math.floor(Number.MAX_SAFE_INTEGER / IDS_PER_BRAND) - 1;

/** Returns the ids of the subscription types of a brand; 0 is the account. */
export const subscriptionIdsOf = (brand: number): readonly number[] =>
  TYPES.map((_type, index) => brand * IDS_PER_BRAND + index + 1);

/** Returns the brand and the name of a subscription type. An unknown type has no name. */
export function subscription(id: number): { readonly brand: number; readonly name: string | undefined } {
  return { brand: Math.floor(id / IDS_PER_BRAND), name: TYPES[(id % IDS_PER_BRAND) - 1]?.name };
}

/** Returns the subscription types of a brand as the API does. */
export function definitionsOf(businessUnitId: number): readonly Definition[] {
  const ids = subscriptionIdsOf(businessUnitId);
  return TYPES.map((type, index) => ({
    ...type,
    id: String(ids[index]),
    communicationMethod: 'Email',
    isActive: true,
    isDefault: true,
    isInternal: false,
    businessUnitId,
    createdAt: SINCE,
    updatedAt: SINCE,
  }));
}
