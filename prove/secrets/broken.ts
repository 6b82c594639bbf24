import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SECRET_NAMES } from '../../local/secrets.ts';
import type { FunctionName } from './invocations.ts';
import { MARKS, markedEmail } from './marks.ts';

const S = MARKS.secret;
const EMAIL = markedEmail('broken');
const KEY = Buffer.alloc(32).toString('base64url');

/** What may stand in any of them by a slip of the hand. */
const SLIPS: readonly string[] = [
  `{"token":"${S}`,
  `"${S}`,
  `"${S}"`,
  `["${S}"]`,
  `${S}\n`,
  ` ${S} `,
  `Bearer ${S}`,
  `{"${S}":7}`,
  `{"token":"\\"${S}\\"","keys":"${S}","hashKeys":"${S}","generic":{"secret":"${S}"}}`,
];

type Name = keyof typeof SECRET_NAMES;

/** Who reads a secret. */
interface Readers {
  readonly functions: readonly FunctionName[];
  /** Behind `relay`. */
  readonly lines: readonly string[];
}

interface Broken extends Readers {
  /** What may stand in that one. */
  readonly slips: readonly string[];
}

const BROKEN: Readonly<Record<Name, Broken>> = {
  hubspot: {
    functions: ['deliver', 'sweep'],
    lines: ['doctor'],
    slips: [`{"token":["${S}"]}`, `{"oauth":{"clientId":"${S} ","clientSecret":"${S}","refreshToken":"${S}"}}`],
  },
  sources: {
    functions: ['webhook'],
    lines: ['doctor'],
    slips: [`{"generic":["${S}",7]}`, `{"${S}":{"generic":"${S}"}}`],
  },
  links: {
    functions: ['unsubscribe', 'mailbox'],
    lines: ['doctor', `link ${EMAIL}`],
    slips: [`{"keys":[{"kid":"${S}","key":"${S}"}]}`, `{"keys":[{"kid":"${S} ","key":"${KEY}"}]}`],
  },
  receipts: {
    functions: ['deliver', 'sweep'],
    lines: ['doctor', 'keys', `forget ${EMAIL}`, `why ${EMAIL}`],
    slips: [
      `{"keys":[{"kid":"${S}","privateKey":"${S}"}],"hashKeys":["${KEY}"]}`,
      `{"keys":[{"kid":"${S}","privateKey":"${KEY}"}],"hashKeys":["${S}"]}`,
    ],
  },
};

/**
 * Puts every so-manieth broken value in the place of a secret, and has `run` do what reads it, which gives back all that was
 * seen of it. Resolves to each whose secret was not named then.
 */
export async function breakSecrets(every: number, run: (by: Readers) => Promise<string>): Promise<readonly string[]> {
  const client = new SecretsManagerClient();
  const unnamed: string[] = [];
  let count = 0;
  for (const [name, { slips, ...readers }] of Object.entries(BROKEN)) {
    const SecretId = SECRET_NAMES[name as Name];
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
    for (const slip of [...SLIPS, ...slips]) {
      count += 1;
      if (count % every !== 0) continue;
      await client.send(new PutSecretValueCommand({ SecretId, SecretString: slip }));
      const seen = await run(readers);
      if (!seen.includes(`secret ${SecretId}: `)) unnamed.push(`${name} as ${slip}`);
    }
    await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
  }
  client.destroy();
  return unnamed;
}
