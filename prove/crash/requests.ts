import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { sampleLink } from '../../local/samples.ts';
import { httpEvent } from '../harness/http-event.ts';
import { sampleKeyOf, signRequest } from '../harness/senders.ts';
import type { Scenario, ScenarioContext } from './scenario.ts';
import { difference } from './scenario.ts';

/** Scenarios of HTTP requests. */
export const requests = ({ stage, survivors, writesOf }: ScenarioContext): readonly Scenario[] => [
  {
    name: 'a webhook',
    function: 'webhook',
    async begin(run) {
      const email = `webhook-${run}@example.com`;
      const event = webhookEvent(stage.url, email);
      return {
        event,
        async finish(result) {
          // A sender that got no response sends the request again.
          const response = result ? result.response : await survivors.run('webhook', event);
          const { statusCode } = response as APIGatewayProxyStructuredResultV2;
          await survivors.deliverAll();
          return difference({ statusCode: 200, writes: 1 }, { statusCode, writes: await writesOf(email) });
        },
      };
    },
  },
  {
    name: 'a one-click request',
    function: 'unsubscribe',
    async begin(run) {
      const email = `one-click-${run}@example.com`;
      return {
        event: oneClickEvent(await sampleLink(email)),
        async finish(result) {
          await survivors.deliverAll();
          const writes = await writesOf(email);
          // A person may not retry. Without a response, the opt-out may or may not have been queued.
          if (!result) return writes > 1 ? `${writes} writes` : undefined;
          const { statusCode } = result.response as APIGatewayProxyStructuredResultV2;
          return difference({ statusCode: 200, writes: 1 }, { statusCode, writes });
        },
      };
    },
  },
];

function webhookEvent(origin: string, email: string) {
  const at = new Date();
  const event = { email, event: 'unsubscribe', timestamp: Math.floor(at.getTime() / 1000), sg_event_id: email };
  const body = Buffer.from(JSON.stringify([event]));
  const signed = signRequest('sendgrid', body, { key: sampleKeyOf('sendgrid'), at, origin });
  return httpEvent({ ...signed, routeKey: 'POST /webhooks/{source}', parameters: { source: 'sendgrid' } });
}

function oneClickEvent(path: string) {
  const token = path.slice('/u/'.length);
  const body = Buffer.from('List-Unsubscribe=One-Click');
  return httpEvent({ routeKey: 'POST /u/{token}', path, parameters: { token }, body });
}
