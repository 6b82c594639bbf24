import process from 'node:process';
import { Client } from '@hubspot/api-client';
import middy from '@middy/core';
import secretsManager from '@middy/secrets-manager';

/** The obvious implementation: the token through middleware, the call through the official client. */
export const handler = middy()
  .use(secretsManager({ fetchData: { hubspot: 'optout-relay/hubspot' }, setToContext: true }))
  .handler(async ({ Records }, { hubspot }) => {
    const client = new Client({ accessToken: hubspot.token, basePath: process.env.HUBSPOT_BASE_URL });
    for (const { body } of Records) {
      const { email } = JSON.parse(body);
      const address = encodeURIComponent(email);
      const path = `/communication-preferences/v4/statuses/${address}/unsubscribe-all?channel=EMAIL&verbose=true`;
      const response = await client.apiRequest({ method: 'POST', path });
      if (!response.ok) throw new Error(`HubSpot responded with ${response.status}`);
    }
  });
