import process from 'node:process';

/**
 * Replaces `@aws-sdk/credential-provider-node` in the bundles. Lambda sets the credentials of the function's role in environment
 * variables, which the SDK's default chain checks first. Its other providers (SSO, files, processes, EC2 and ECS metadata) do
 * not exist in Lambda and take 135 KB. The variables are read at each call, since the SDK caches the result.
 * @throws if a variable is missing
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function defaultProvider() {
  return async () => {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
    const { AWS_SESSION_TOKEN: sessionToken } = process.env;
    if (!accessKeyId || !secretAccessKey) throw new Error('AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is missing');
    return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  };
}
