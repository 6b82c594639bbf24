import { AwsError, type Input, optionalText, optionalTextList, requiredText } from './aws-json.ts';
import { current, holderOf, newSecret, type Secret, withStage, withVersion } from './secret.ts';
import type { SecretStore } from './secret-store.ts';
import { contentIn, described, identity, isRepeat, labelled } from './secret-wire.ts';

/**
 * What the local Secrets Manager can do, by the operation's name. Refusals carry the service's exception names.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html
 */
export const secretOperations: Readonly<Record<string, (store: SecretStore, input: Input) => object>> = {
  CreateSecret: createSecret,
  GetSecretValue: getSecretValue,
  PutSecretValue: putSecretValue,
  DescribeSecret: (store, input) => described(secretOf(store, input), 'VersionIdsToStages'),
  ListSecrets: listSecrets,
  UpdateSecretVersionStage: updateSecretVersionStage,
  DeleteSecret: deleteSecret,
};

function createSecret(store: SecretStore, input: Input): object {
  const name = requiredText(input, 'Name');
  if (!/^[\w/+=.@!-]{1,512}$/.test(name)) {
    throw new AwsError('ValidationException', 'Name may hold letters, digits and -/_+=.@! only.');
  }
  const content = contentIn(input);
  const existing = store.find(name);
  if (existing) {
    if (content && isRepeat(existing, content)) return { ...identity(existing), VersionId: content.id };
    throw new AwsError('ResourceExistsException', `The operation failed because the secret ${name} already exists.`);
  }
  const secret = newSecret(name, optionalText(input, 'Description'));
  store.save(content ? withVersion(secret, content, [current]) : secret);
  return { ...identity(secret), VersionId: content?.id };
}

function getSecretValue(store: SecretStore, input: Input): object {
  const secret = secretOf(store, input);
  const id = optionalText(input, 'VersionId');
  const stage = optionalText(input, 'VersionStage');
  const version = id ? versionOf(secret, id) : holderOf(secret, stage ?? current);
  if (!version) throw notFound(`secret value for staging label: ${stage ?? current}`);
  if (stage && !version.stages.includes(stage)) {
    throw new AwsError('InvalidRequestException', 'VersionStage is not attached to the version in VersionId.');
  }
  const value = { SecretString: version.text, SecretBinary: version.binary, CreatedDate: version.createdMs / 1000 };
  return { ...labelled(secret, version), ...value };
}

function putSecretValue(store: SecretStore, input: Input): object {
  const secret = secretOf(store, input);
  const content = contentIn(input);
  const stages = optionalTextList(input, 'VersionStages') ?? [current];
  if (stages.length === 0) throw new AwsError('ValidationException', 'VersionStages must have at least one label.');
  if (!content) throw new AwsError('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
  const next = isRepeat(secret, content) ? secret : withVersion(secret, content, stages);
  store.save(next);
  return labelled(next, versionOf(next, content.id));
}

function listSecrets(store: SecretStore, input: Input): object {
  if (input['Filters']) throw new AwsError('InvalidParameterException', 'Filters are not supported here.');
  const start = Number(optionalText(input, 'NextToken') ?? 0);
  const end = start + Number(input['MaxResults'] ?? 100);
  const secrets = store.list();
  return {
    SecretList: secrets.slice(start, end).map((secret) => described(secret, 'SecretVersionsToStages')),
    NextToken: end < secrets.length ? String(end) : undefined,
  };
}

function updateSecretVersionStage(store: SecretStore, input: Input): object {
  const secret = secretOf(store, input);
  const stage = requiredText(input, 'VersionStage');
  const toId = optionalText(input, 'MoveToVersionId');
  const fromId = optionalText(input, 'RemoveFromVersionId');
  const holderId = holderOf(secret, stage)?.id;
  if (toId) versionOf(secret, toId);
  else if (!fromId) throw new AwsError('InvalidParameterException', 'A version to move to or remove from is required.');
  else if (stage === current)
    throw new AwsError('InvalidParameterException', `${current} can be moved but not removed.`);
  const stays = !fromId && holderId === toId;
  if (fromId !== holderId && !stays) {
    const rule = 'RemoveFromVersionId must be the version that has the staging label';
    throw new AwsError('InvalidParameterException', `${rule}: ${holderId ?? 'none'}.`);
  }
  store.save(withStage(secret, stage, toId));
  return identity(secret);
}

// There is no recovery window here: a deleted secret is gone at once, and its name is free again.
function deleteSecret(store: SecretStore, input: Input): object {
  const id = requiredText(input, 'SecretId');
  const isForced = input['ForceDeleteWithoutRecovery'] === true;
  const windowDays = Number(input['RecoveryWindowInDays'] ?? 30);
  if (isForced && input['RecoveryWindowInDays']) {
    throw new AwsError('InvalidParameterException', 'ForceDeleteWithoutRecovery excludes RecoveryWindowInDays.');
  }
  if (windowDays < 7 || windowDays > 30) {
    throw new AwsError('InvalidParameterException', 'RecoveryWindowInDays must be between 7 and 30.');
  }
  const times = { DeletionDate: Date.now() / 1000 + (isForced ? 0 : windowDays * 86_400) };
  if (isForced && !store.find(id)) return { Name: id, ...times };
  const secret = secretOf(store, input);
  store.remove(secret.name);
  return { ...identity(secret), ...times };
}

function secretOf(store: SecretStore, input: Input): Secret {
  const secret = store.find(requiredText(input, 'SecretId'));
  if (secret) return secret;
  throw notFound('secret');
}

function versionOf(secret: Secret, id: string) {
  const version = secret.versions.find((one) => one.id === id);
  if (version) return version;
  throw notFound(`secret value for VersionId: ${id}`);
}

function notFound(what: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Secrets Manager can't find the specified ${what}.`);
}
