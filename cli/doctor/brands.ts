import type { RelayConfig } from '../../functions/config/relay-config.ts';
import { accountOf, policyOf } from '../../functions/config/source-options.ts';
import type { Finding } from './finding.ts';
import { fault, ok, warning } from './finding.ts';
import type { Probes } from './probe.ts';

type Configured = Pick<RelayConfig, 'businessUnitIds' | 'sources' | 'kinds'>;

/** Compares the brands, the lists and the account in relay.config.ts with those in HubSpot. */
export function compareWithConfig({ types, hubId }: Probes, config: Configured): readonly Finding[] {
  return [...brandFindings(types, config), ...listFindings(types, config), ...accountFindings(hubId, config)];
}

function brandFindings(types: Probes['types'], { businessUnitIds }: Configured): readonly Finding[] {
  if (types === undefined) {
    const fix = 'grant the token communication_preferences.read';
    return [warning('brands', 'unknown: HubSpot does not list its subscription types', fix)];
  }
  const known = new Set(['0', ...types.map(({ businessUnitId }) => businessUnitId)]);
  const configured = Object.values(businessUnitIds);
  const unnamed = [...known].filter((unit) => unit !== '0' && !configured.includes(unit));
  const empty = configured.filter((unit) => !known.has(unit));
  const findings = [
    ...listed(unnamed, (units) =>
      warning(
        'brands',
        `business units without a brand in relay.config.ts: ${units}`,
        'add them to "brands" if opt-outs can be for one of them; an opt-out from all brands covers them already',
      ),
    ),
    ...listed(empty, (units) =>
      warning('brands', `business units without a subscription type in HubSpot: ${units}`, 'correct "brands"'),
    ),
  ];
  return findings.length > 0 ? findings : [ok('brands', `${known.size} business units, each one is covered`)];
}

function listFindings(types: Probes['types'], config: Configured): readonly Finding[] {
  if (types === undefined) return [];
  const mapped = Object.keys(config.sources).flatMap((source) => {
    const { lists } = policyOf(config, source);
    return typeof lists === 'string' ? [] : Object.values(lists).map((id) => ({ source, id }));
  });
  const missing = mapped.filter(({ id }) => !types.some((type) => type.id === id));
  return listed(
    missing.map(({ source, id }) => `${id} (${source})`),
    (ids) => fault('lists', `mapped to subscription types that HubSpot does not have: ${ids}`, 'correct "lists"'),
  );
}

/** A contact id is only valid within its account. */
function accountFindings(hubId: string | undefined, config: Configured): readonly Finding[] {
  const { portalId } = accountOf(config, 'hubspot');
  if (hubId === undefined || portalId === undefined || hubId === portalId) return [];
  const message = `the token is for account ${hubId}, portalId of the source "hubspot" is ${portalId}`;
  return [fault('account', message, 'use a token of the account whose webhooks you receive, or correct portalId')];
}

function listed(names: readonly string[], finding: (names: string) => Finding): readonly Finding[] {
  return names.length > 0 ? [finding(names.join(', '))] : [];
}
