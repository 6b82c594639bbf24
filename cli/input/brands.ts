import { relayConfig } from '../../relay.config.ts';
import { UsageError } from '../command.ts';

/** @throws UsageError if the brand is not in relay.config.ts */
export function requireBrand(brand: string | undefined): void {
  if (brand !== undefined && !Object.hasOwn(relayConfig.businessUnitIds, brand))
    throw new UsageError('--brand is not a configured brand');
}
