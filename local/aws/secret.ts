import { randomBytes } from 'node:crypto';

/** What a version holds: a string, or bytes in base64 as the protocol carries them; never both. */
export interface SecretContent {
  readonly id: string;
  readonly text: string | undefined;
  readonly binary: string | undefined;
}

/** One version of a secret. Without a stage it is deprecated: AWS may drop it, here it is kept. */
export interface SecretVersion extends SecretContent {
  readonly createdMs: number;
  /** Staging labels, sorted. */
  readonly stages: readonly string[];
}

/** A secret with all its versions, oldest first. */
export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly createdMs: number;
  readonly changedMs: number;
  readonly versions: readonly SecretVersion[];
}

/** The labels with a meaning of their own. */
export const current = 'AWSCURRENT';
const previous = 'AWSPREVIOUS';
const pending = 'AWSPENDING';

/** A secret without a version yet. Its ARN ends at random, so that a later secret of the same name has another. */
export function newSecret(name: string, description?: string): Secret {
  const arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-${randomBytes(3).toString('hex')}`;
  const now = Date.now();
  return { name, arn, description, createdMs: now, changedMs: now, versions: [] };
}

/** The version that has a label: at most one. */
export function holderOf(secret: Secret, stage: string): SecretVersion | undefined {
  return secret.versions.find((version) => version.stages.includes(stage));
}

/**
 * The secret after a label went to a version, or away from all of them. `AWSPREVIOUS` follows to where `AWSCURRENT` was;
 * a promoted version keeps its `AWSPENDING`.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 */
export function withStage(secret: Secret, stage: string, toId: string | undefined): Secret {
  const from = holderOf(secret, stage);
  const versions = secret.versions.map((version) => {
    const others = version.stages.filter((label) => label !== stage);
    return { ...version, stages: version.id === toId ? [...others, stage].sort() : others };
  });
  const moved = { ...secret, versions, changedMs: Date.now() };
  return stage === current && from !== undefined && from.id !== toId ? withStage(moved, previous, from.id) : moved;
}

/**
 * The secret with one more version under these labels; the first version is always current.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
 */
export function withVersion(secret: Secret, content: SecretContent, stages: readonly string[]): Secret {
  const labels = secret.versions.length === 0 ? new Set([...stages, current]) : new Set(stages);
  const version = { ...content, createdMs: Date.now(), stages: [] };
  const kept = rotationEnded(secret, labels);
  const grown = { ...kept, versions: [...kept.versions, version] };
  return [...labels].reduce<Secret>((after, label) => withStage(after, label, content.id), grown);
}

// Not in the documentation, but in recorded answers of the service: a value put over a version that is both current and pending ends
// its AWSPENDING.
function rotationEnded(secret: Secret, labels: ReadonlySet<string>): Secret {
  const replaced = labels.has(current) && holderOf(secret, current)?.stages.includes(pending);
  return replaced ? withStage(secret, pending, undefined) : secret;
}
