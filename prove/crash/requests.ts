import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { sampleLink } from '../../local/samples.ts';
import { httpEvent } from '../harness/http-event.ts';
import { sampleKeyOf, signedBy } from '../harness/senders.ts';
import type { CrashWay, Scene } from './ways.ts';
import { otherThan } from './ways.ts';

/** What comes by HTTP. */
export const requests = ({ stage, others, writesOf }: Scene): readonly CrashWay[] => [
  {
    name: 'a webhook',
    function: 'webhook',
    async begin(turn) {
      const email = `webhook-${turn}@example.com`;
      const event = webhookEvent(stage.url, email);
      return {
        event,
        async after(end) {
          // A sender that had no answer sends again, to whoever is there then.
          const answer = end ? end.answer : await others.run('webhook', event);
          const { statusCode } = answer as APIGatewayProxyStructuredResultV2;
          await others.deliverAll();
          return otherThan({ statusCode: 200, writes: 1 }, { statusCode, writes: await writesOf(email) });
        },
      };
    },
  },
  {
    name: 'a one-click',
    function: 'unsubscribe',
    async begin(turn) {
      const email = `one-click-${turn}@example.com`;
      return {
        event: oneClickEvent(await sampleLink(email)),
        async after(end) {
          await others.deliverAll();
          const writes = await writesOf(email);
          // Nobody presses twice: what was not answered may be lost, and may have come in all the same.
          if (!end) return writes > 1 ? `${writes} effects` : undefined;
          const { statusCode } = end.answer as APIGatewayProxyStructuredResultV2;
          return otherThan({ statusCode: 200, writes: 1 }, { statusCode, writes });
        },
      };
    },
  },
];

function webhookEvent(origin: string, email: string) {
  const at = new Date();
  const event = { email, event: 'unsubscribe', timestamp: Math.floor(at.getTime() / 1000), sg_event_id: email };
  const body = Buffer.from(JSON.stringify([event]));
  const posted = signedBy('sendgrid', body, { key: sampleKeyOf('sendgrid'), at, origin });
  return httpEvent({ ...posted, routeKey: 'POST /webhooks/{source}', parameters: { source: 'sendgrid' } });
}

function oneClickEvent(path: string) {
  const token = path.slice('/u/'.length);
  const body = Buffer.from('List-Unsubscribe=One-Click');
  return httpEvent({ routeKey: 'POST /u/{token}', path, parameters: { token }, body });
}
