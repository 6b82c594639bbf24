import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { connect } from '../../local/endpoint.ts';
import { closeServer, listenOnLoopback } from '../../local/listen.ts';
import { readTemplate } from '../../local/template.ts';
import { listening, thrownBy } from '../aws/listening.ts';

const template = readTemplate(new URL('../../', import.meta.url));

const messageFor = async (endpoint: string) => (await thrownBy(() => connect(endpoint, template))).message;

it.each([
  ['localhost:4566', 'the endpoint must be a URL without a path, such as http://127.0.0.1:4566'],
  ['http://127.0.0.1:4566/aws', 'the endpoint must be a URL without a path, such as http://127.0.0.1:4566'],
  ['https://sqs.eu-central-1.amazonaws.com', 'https://sqs.eu-central-1.amazonaws.com is AWS itself'],
  ['https://sqs.eu-central-1.api.aws', 'https://sqs.eu-central-1.api.aws is AWS itself'],
  ['http://nowhere.invalid', 'no AWS services at http://nowhere.invalid (E'],
])('rejects %s', async (endpoint, sentence) => {
  expect(await messageFor(endpoint)).toContain(sentence);
});

it('says that no server listens at the endpoint', async () => {
  const server = createServer();
  const url = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
  await closeServer(server);

  expect(await messageFor(url)).toBe(
    `no AWS services at ${url} (ECONNREFUSED). Start them, or omit the endpoint to use the embedded ones.`,
  );
});

it.each([
  ['a web page', 200, '<!doctype html><title>Hello</title>', 'SyntaxError'],
  ['a server that does not know SQS', 404, '{"message":"Not Found"}', 'HTTP 404'],
  ['a server that rejects the credentials', 403, '{"__type":"InvalidClientTokenId"}', 'InvalidClientTokenId, HTTP 403'],
])('says that the endpoint is %s', async (_what, status, body, reason) => {
  const { url } = await listening((response) => response.writeHead(status).end(body));

  expect(await messageFor(url)).toBe(`SQS at ${url} failed (${reason}). Is it LocalStack or moto?`);
});
