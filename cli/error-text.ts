const NO_REGION = 'no region: set AWS_REGION, or name a file with --env';
const NO_CREDENTIALS = 'no AWS credentials: sign in, or name a file with --env';
const EXPIRED = 'the AWS credentials have expired: sign in again';
const NOT_ALLOWED = 'AWS does not allow it to these credentials; docs/deploy.md has the policy of an operator';
const NOBODY_THERE = 'nothing answers at that address; is npm start running?';

/** By the name or the code of an error of the SDK or of Node, in words of ours: its own message may quote anything. */
const CAUSES: Readonly<Record<string, string>> = {
  CredentialsProviderError: NO_CREDENTIALS,
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  AccessDenied: NOT_ALLOWED,
  AccessDeniedException: NOT_ALLOWED,
  ECONNREFUSED: NOBODY_THERE,
};

/** What an error is called, or what to do about it where that is known. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed';
  // It has neither a name nor a code of its own.
  if (error.message === 'Region is missing') return NO_REGION;
  const known = [codeOf(error), error.name].find((name) => Object.hasOwn(CAUSES, name));
  const called = codeOf(error) || error.name;
  return known === undefined ? called : `${CAUSES[known]} (${called})`;
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
