import { AwsError, type Input, optionalText } from './aws-json.ts';
import type { Secret, SecretContent, SecretVersion } from './secret.ts';

/**
 * The version that a request brings, or undefined when it brings no value. Its id is the ClientRequestToken, which the
 * SDK makes up when the caller gives none.
 */
export function contentIn(input: Input): SecretContent | undefined {
  const text = optionalText(input, 'SecretString') || undefined;
  const binary = optionalText(input, 'SecretBinary') || undefined;
  if (text === undefined && binary === undefined) return undefined;
  if (text !== undefined && binary !== undefined) {
    throw new AwsError('InvalidParameterException', 'SecretString and SecretBinary exclude each other.');
  }
  const id = optionalText(input, 'ClientRequestToken');
  if (!id) throw new AwsError('InvalidRequestException', 'You must provide a ClientRequestToken value.');
  if (id.length < 32 || id.length > 64) {
    throw new AwsError('InvalidParameterException', 'ClientRequestToken must be 32-64 characters long.');
  }
  return { id, text, binary };
}

/** Whether a version came before. Throws `ResourceExistsException` when it came with another value. */
export function isRepeat(secret: Secret, content: SecretContent): boolean {
  const known = secret.versions.find((version) => version.id === content.id);
  if (known === undefined) return false;
  if (known.text === content.text && known.binary === content.binary) return true;
  throw new AwsError('ResourceExistsException', 'The ClientRequestToken is in use for a version with another value.');
}

/** The members by which every answer names its secret. */
export function identity(secret: Secret) {
  return { ARN: secret.arn, Name: secret.name };
}

/** A version and its labels. */
export function labelled(secret: Secret, version: SecretVersion) {
  return { ...identity(secret), VersionId: version.id, VersionStages: version.stages };
}

/** A secret without its values: `stagesMember` holds the labels of the versions that have any. Times are in seconds. */
export function described(secret: Secret, stagesMember: 'VersionIdsToStages' | 'SecretVersionsToStages') {
  const versions = secret.versions.filter((version) => version.stages.length > 0);
  return {
    ...identity(secret),
    Description: secret.description,
    CreatedDate: secret.createdMs / 1000,
    LastChangedDate: secret.changedMs / 1000,
    [stagesMember]: Object.fromEntries(versions.map((version) => [version.id, version.stages])),
  };
}
