import process from 'node:process';

/**
 * Takes the place of `@aws-sdk/credential-provider-node` in the bundles. Lambda gives every function its role's
 * credentials in these variables, and that is the first place where the SDK's own chain looks as well; the places it
 * looks in after them (SSO, files, processes, the metadata services of EC2 and ECS) do not exist there and cost 135 KB.
 * Read at each call: the SDK decides what it keeps. Throws when they are missing.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function defaultProvider() {
  return async () => {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
    const { AWS_SESSION_TOKEN: sessionToken } = process.env;
    if (!accessKeyId || !secretAccessKey) throw new Error('AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is missing');
    return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  };
}
