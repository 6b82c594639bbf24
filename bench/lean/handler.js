import process from 'node:process';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import middy from '@middy/core';
// biome-ignore lint/style/noRestrictedImports: the import of Zod's documentation, whose size is part of the comparison
import { z } from 'zod';

const secretsManager = new SecretsManagerClient();
const form = z.object({ email: z.email() });

let token;

/** Reads the token once per instance. */
async function readToken() {
  const command = new GetSecretValueCommand({ SecretId: process.env.HUBSPOT_SECRET });
  const { SecretString } = await secretsManager.send(command);
  return JSON.parse(SecretString).token;
}

/** The lean implementation: a form in, one call to HubSpot. No queue, ledger, retry or evidence. */
export const handler = middy().handler(async ({ body, isBase64Encoded }) => {
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
  const { email } = form.parse(Object.fromEntries(new URLSearchParams(text)));
  token ??= readToken();
  const path = `/communication-preferences/v4/statuses/${encodeURIComponent(email)}/unsubscribe-all?channel=EMAIL`;
  const url = new URL(path, process.env.HUBSPOT_BASE_URL);
  const response = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${await token}` } });
  return { statusCode: response.ok ? 200 : 502 };
});
