import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { closeServer, listenOnLoopback } from '../listen.ts';

/** The unchecked members of a request. Read them with `requiredText`, `optionalText` and `optionalTextList`. */
export type Input = Readonly<Record<string, unknown>>;

/** One operation: takes the members of a request and returns those of the response. Throws `AwsError` to reject it. */
export type Operation = (input: Input) => object | Promise<object>;

/** One AWS service: the prefix of its `X-Amz-Target` and its operations by name. */
export interface AwsJsonService {
  readonly target: string;
  readonly operations: Readonly<Record<string, Operation>>;
}

/** A running service. */
export interface AwsJsonServer {
  readonly url: string;
  readonly port: number;
  /** Stops listening and closes keep-alive connections. */
  close(): Promise<void>;
}

/** An error response. `code` is the exception's name, `status` the HTTP status. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/**
 * Serves the AWS JSON 1.1 protocol on 127.0.0.1. Port 0 takes a free port. Signatures are not checked.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export async function serveAwsJson(service: AwsJsonService, port: number): Promise<AwsJsonServer> {
  const entries = Object.entries(service.operations);
  const operations: Operations = new Map(entries.map(([name, operation]) => [`${service.target}.${name}`, operation]));
  const server = createServer((request, response) => void respond(request, response, operations));
  const bound = await listenOnLoopback(server, port);
  return { url: `http://127.0.0.1:${bound}`, port: bound, close: () => closeServer(server) };
}

/** Returns an optional member. Throws `SerializationException` if it is not a string. */
export function optionalText(input: Input, member: string): string | undefined {
  const value = input[member] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new AwsError('SerializationException', `${member} must be a string.`);
}

/** Returns a required member. Throws `ValidationException` if it is missing or empty. */
export function requiredText(input: Input, member: string): string {
  const value = optionalText(input, member);
  if (value) return value;
  throw new AwsError('ValidationException', `${member} must have a length greater than or equal to 1.`);
}

/** Returns an optional list of strings. Throws `SerializationException` if it is anything else. */
export function optionalTextList(input: Input, member: string): readonly string[] | undefined {
  const value = input[member] ?? undefined;
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value;
  }
  throw new AwsError('SerializationException', `${member} must be a list of strings.`);
}

/** Returns whether a parsed value is a JSON object. */
export function isJsonObject(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Operations = ReadonlyMap<string, Operation>;

async function respond(request: IncomingMessage, response: ServerResponse, operations: Operations): Promise<void> {
  const { status, headers, body } = await run(request, operations).catch(errorResponse);
  const common = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() };
  response.writeHead(status, { ...common, ...headers }).end(JSON.stringify(body));
}

async function run(request: IncomingMessage, operations: Operations) {
  const body = await text(request);
  const operation = operations.get(String(request.headers['x-amz-target']));
  if (operation === undefined) throw new AwsError('UnknownOperationException', 'Unknown operation.');
  return { status: 200, headers: {}, body: await operation(members(body)) };
}

function members(body: string): Input {
  try {
    const value: unknown = JSON.parse(body);
    if (isJsonObject(value)) return value;
  } catch {}
  throw new AwsError('SerializationException', 'The request is not a JSON object.');
}

function errorResponse(error: unknown) {
  const known = error instanceof AwsError ? error : new AwsError('InternalFailure', String(error), 500);
  const body = { __type: known.code, message: known.message };
  return { status: known.status, headers: { 'x-amzn-errortype': known.code }, body };
}
