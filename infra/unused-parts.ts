/**
 * Replaces parts of packages that the relay's calls never use and that would add 80 KB to the bundles:
 *
 * - `@smithy/core/event-streams`: used by streaming operations, none of which the relay calls. The S3 client imports it.
 * - `@aws-sdk/endpoint-cache`: created by the DynamoDB client, no longer used by its commands.
 * - `@aws-sdk/checksums`: S3 has no checksum for a range of an object, and the relay only reads ranges.
 */
export class EndpointCache {}

export const eventStreamSerdeProvider = () => ({});
export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config;

export class Sha1 {}
export const resolveFlexibleChecksumsConfig = <Config>(config: Config): Config => config;
export const getFlexibleChecksumsPlugin = () => ({ applyToStack: () => undefined });
const unset = { environmentVariableSelector: () => undefined, configFileSelector: () => undefined, default: undefined };
export const NODE_REQUEST_CHECKSUM_CALCULATION_CONFIG_OPTIONS = unset;
export const NODE_RESPONSE_CHECKSUM_VALIDATION_CONFIG_OPTIONS = unset;
