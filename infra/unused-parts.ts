/**
 * Takes the place of two parts of the AWS SDK that our calls never reach and of which the bundles would carry 23 KB:
 *
 * - `@smithy/core/event-streams`, loaded by the first operation that streams. None of SQS, SNS, Secrets Manager and DynamoDB
 *   does.
 * - `@aws-sdk/endpoint-cache`. The DynamoDB client makes one, and no command of it asks for it any more.
 */
export class EndpointCache {}
