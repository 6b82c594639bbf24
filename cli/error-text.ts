const NO_REGION = 'no AWS region: set AWS_REGION, or pass --env <file>';
const NO_CREDENTIALS = 'no AWS credentials: sign in, or pass --env <file>';
const EXPIRED = 'the AWS credentials have expired: sign in again';
const ACCESS_DENIED = 'access denied by AWS: docs/deploy.md has the IAM policy of an operator';
const CONNECTION_REFUSED = 'connection refused: is npm start running?';

/** Advice by the name or code of an AWS SDK or Node.js error. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['CredentialsProviderError', NO_CREDENTIALS],
  ['ExpiredToken', EXPIRED],
  ['ExpiredTokenException', EXPIRED],
  ['AccessDenied', ACCESS_DENIED],
  ['AccessDeniedException', ACCESS_DENIED],
  ['ECONNREFUSED', CONNECTION_REFUSED],
]);

/** Describes an error by its code or name, with advice where there is some. Its message is left out: it may quote an address. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  // The SDK sets neither a name nor a code on this one.
  if (error.message === 'Region is missing') return NO_REGION;
  const name = errorCode(error) || error.name;
  const advice = ADVICE.get(errorCode(error)) ?? ADVICE.get(error.name);
  return advice === undefined ? name : `${advice} (${name})`;
}

/** The `code` of a Node.js error, or '' if it has none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
