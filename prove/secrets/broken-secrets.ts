import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SECRET_NAMES } from '../../local/secrets.ts';
import type { FunctionName } from './invocations.ts';
import { MARKS, markedEmail } from './marks.ts';

const S = MARKS.secret;
const EMAIL = markedEmail('broken');
const KEY = Buffer.alloc(32).toString('base64url');

/** Broken values of any secret. */
const BROKEN_VALUES: readonly string[] = [
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

/** What reads a secret: functions and `relay` commands. */
interface Readers {
  readonly functions: readonly FunctionName[];
  readonly commands: readonly string[];
}

interface BrokenSecret extends Readers {
  /** Broken values of this secret only. */
  readonly values: readonly string[];
}

const BROKEN_SECRETS: Readonly<Record<Name, BrokenSecret>> = {
  hubspot: {
    functions: ['deliver', 'sweep'],
    commands: ['doctor'],
    values: [`{"token":["${S}"]}`, `{"oauth":{"clientId":"${S} ","clientSecret":"${S}","refreshToken":"${S}"}}`],
  },
  sources: {
    functions: ['webhook'],
    commands: ['doctor'],
    values: [`{"generic":["${S}",7]}`, `{"${S}":{"generic":"${S}"}}`],
  },
  links: {
    functions: ['unsubscribe', 'mailbox'],
    commands: ['doctor', `link ${EMAIL}`],
    values: [`{"keys":[{"kid":"${S}","key":"${S}"}]}`, `{"keys":[{"kid":"${S} ","key":"${KEY}"}]}`],
  },
  receipts: {
    functions: ['deliver', 'sweep'],
    commands: ['doctor', 'keys', `erase ${EMAIL}`, `why ${EMAIL}`],
    values: [
      `{"keys":[{"kid":"${S}","privateKey":"${S}"}],"hashKeys":["${KEY}"]}`,
      `{"keys":[{"kid":"${S}","privateKey":"${KEY}"}],"hashKeys":["${S}"]}`,
    ],
  },
};

/**
 * Stores every nth broken value in a secret and calls `run` with its readers, which returns their output. Returns the values for
 * which the output did not name the secret.
 */
export async function breakSecrets(
  every: number,
  run: (readers: Readers) => Promise<string>,
): Promise<readonly string[]> {
  const client = new SecretsManagerClient();
  const unnamed: string[] = [];
  let count = 0;
  for (const [name, { values, ...readers }] of Object.entries(BROKEN_SECRETS)) {
    const SecretId = SECRET_NAMES[name as Name];
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
    for (const value of [...BROKEN_VALUES, ...values]) {
      count += 1;
      if (count % every !== 0) continue;
      await client.send(new PutSecretValueCommand({ SecretId, SecretString: value }));
      const output = await run(readers);
      if (!output.includes(`secret ${SecretId}: `)) unnamed.push(`${name} as ${value}`);
    }
    await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
  }
  client.destroy();
  return unnamed;
}
