/**
 * Takes the place of parts of packages that our calls never reach and of which the bundles would carry 80 KB:
 *
 * - `@smithy/core/event-streams`, loaded by the first operation that streams events; the S3 client asks for it at once. No call
 *   of ours does.
 * - `@aws-sdk/endpoint-cache`. The DynamoDB client makes one, and no command of it asks for it any more.
 * - `@aws-sdk/checksums`. S3 has none for a part of an object, and that is all we read of one.
 * - postal-mime's conversion of HTML into text and back. We read no text.
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

export const textToHtml = String;
export const htmlToText = String;
export const formatTextHeader = String;
export const formatHtmlHeader = String;
