import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';

/** The handler of a Lambda function. */
export type Handler = (event: unknown, context: Context) => Promise<unknown>;

/**
 * Loads the handler of a file in `functions/`. Set the environment first. Each `instance` is a separate execution environment
 * with its own module state.
 */
export async function loadHandler(name: string, instance = 1): Promise<Handler> {
  const { href } = new URL(`../functions/${name}.ts?instance=${instance}`, import.meta.url);
  const module: { readonly handler: Handler } = await import(href);
  return module.handler;
}

/** Invokes a handler with a context like Lambda's. */
export function invoke(
  name: string,
  handler: Handler,
  event: unknown,
  getRemainingTimeInMillis = () => 10_000,
): Promise<unknown> {
  const awsRequestId = randomUUID();
  return handler(event, {
    awsRequestId,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    memoryLimitInMB: '512',
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis,
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  });
}
