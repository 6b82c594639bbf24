import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { closeServer, listenOnLoopback } from '../../../local/listen.ts';
import { ROOT } from '../packaged.ts';

const CLIENT = join(ROOT, 'node_modules/aws-lambda-ric/index.mjs');
const SHIM = fileURLToPath(new URL('runtime-client-shim.ts', import.meta.url));
/** Lambda's limit for initialization outside the handler. */
const START_LIMIT_MS = 10_000;

/** A function in its own execution environment. */
export interface Execution {
  /** Time from process start until the runtime requests the first event. */
  readonly startedInMs: number;
  /** Rejects with the runtime's error report if the handler throws. */
  invoke(event: unknown): Promise<Invocation>;
  stop(): Promise<void>;
}

export interface Invocation {
  readonly response: unknown;
  readonly tookMs: number;
  /** Resident memory of the process after the invocation. */
  readonly megabytes: number;
}

/** Starts a function as Lambda does: AWS's runtime client runs in its own process and polls the Runtime API for events. */
export async function execute(folder: string, variables: Readonly<Record<string, string>>): Promise<Execution> {
  const api = createRuntimeApi();
  const server = createServer((request, response) => api.serve(request, response));
  const port = await listenOnLoopback(server, 0);
  const startedAt = performance.now();
  const env = { ...variables, ...lambdaVariables(folder, port) };
  const child = spawn(process.execPath, ['--import', SHIM, CLIENT], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const stop = async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await closeServer(server);
  };
  try {
    await api.asked(AbortSignal.timeout(START_LIMIT_MS));
    return { startedInMs: performance.now() - startedAt, invoke: api.invoke, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
function lambdaVariables(folder: string, port: number) {
  return {
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
    AWS_LAMBDA_FUNCTION_NAME: 'function',
    AWS_LAMBDA_FUNCTION_VERSION: '1',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/function',
    AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    // Polls with the implementation that needs no native module.
    AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true',
    LAMBDA_TASK_ROOT: folder,
    _HANDLER: 'index.handler',
  };
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
function createRuntimeApi() {
  const waiting: ServerResponse[] = [];
  const { promise: first, resolve: begin, reject: fail } = Promise.withResolvers<void>();
  const running = new Map<string, PromiseWithResolvers<Invocation> & { readonly startedAt: number }>();
  let asking = Promise.withResolvers<void>();
  const next = (response: ServerResponse) => {
    waiting.push(response);
    begin();
    asking.resolve();
  };
  const end = async (request: IncomingMessage, response: ServerResponse) => {
    const [, id = '', how] = /\/invocation\/([^/]+)\/(\w+)$/.exec(request.url ?? '') ?? [];
    const body = await text(request);
    response.writeHead(202).end();
    if (request.url?.endsWith('/init/error')) fail(new Error(body));
    const call = running.get(id);
    if (how === 'error') call?.reject(new Error(body));
    const megabytes = Math.round(Number(request.headers['x-memory-bytes']) / 1024 ** 2);
    call?.resolve({ response: JSON.parse(body || 'null'), tookMs: performance.now() - call.startedAt, megabytes });
  };
  return {
    serve: (request: IncomingMessage, response: ServerResponse) =>
      request.url?.endsWith('/invocation/next') ? next(response) : end(request, response),
    asked: (signal: AbortSignal) =>
      Promise.race([first, once(signal, 'abort').then(() => Promise.reject(signal.reason))]),
    async invoke(event: unknown): Promise<Invocation> {
      if (waiting.length === 0) await asking.promise;
      asking = Promise.withResolvers<void>();
      const id = randomUUID();
      const call = { ...Promise.withResolvers<Invocation>(), startedAt: performance.now() };
      running.set(id, call);
      const headers = {
        'lambda-runtime-aws-request-id': id,
        'lambda-runtime-deadline-ms': String(Date.now() + 10_000),
        'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:function',
      };
      waiting.shift()?.writeHead(200, headers).end(JSON.stringify(event));
      return call.promise;
    },
  };
}
