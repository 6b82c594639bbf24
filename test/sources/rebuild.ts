/** Returns the new value of a field, or undefined to remove the field. */
export type Replace = (value: unknown, name: string) => unknown;

/**
 * Rebuilds a body, passing each named value through `replace`: JSON, JSON Lines, XML, and forms in both encodings. Text that
 * is JSON itself is rebuilt in turn. Returns undefined for any other body.
 */
export function rebuild(body: string, replace: Replace): string | undefined {
  for (const format of [json, jsonLines, multipart, xml, urlencoded]) {
    const rebuilt = format(body, replace);
    if (rebuilt !== undefined) return rebuilt;
  }
  return undefined;
}

function json(body: string, replace: Replace): string | undefined {
  const parsed = jsonOf(body);
  if (parsed === undefined) return undefined;
  return JSON.stringify(parsed, (name, value) => replaceWithin(value, name, replace)) ?? '';
}

function jsonLines(body: string, replace: Replace): string | undefined {
  const lines = body.split('\n').filter((line) => line.startsWith('{'));
  return lines.length === 0 ? undefined : lines.map((line) => json(line, replace) ?? line).join('\n');
}

const PART = /name="([^"]*)"(\r\n(?:[^\r\n]+\r\n)*\r\n)(.*?)(?=\r\n--)/gs;

function multipart(body: string, replace: Replace): string | undefined {
  if (!body.startsWith('--')) return undefined;
  return body.replace(PART, (_part, name: string, gap: string, value: string) => {
    const next = replaceWithin(value, name, replace);
    return next === undefined ? `name="removed"${gap}` : `name="${name}"${gap}${textOf(next)}`;
  });
}

const LEAF = /<((?:\w+:)?(\w+))>([^<>]*)<\/\1>/g;

function xml(body: string, replace: Replace): string | undefined {
  if (!body.startsWith('<')) return undefined;
  return body.replace(LEAF, (_leaf, tag: string, name: string, value: string) => {
    const next = replace(value, name);
    return next === undefined ? '' : `<${tag}>${textOf(next)}</${tag}>`;
  });
}

function urlencoded(body: string, replace: Replace): string | undefined {
  if (!body.includes('=')) return undefined;
  const fields = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(body)) {
    const next = replaceWithin(value, name, replace);
    if (next !== undefined) fields.append(name, textOf(next));
  }
  return fields.toString();
}

function replaceWithin(value: unknown, name: string, replace: Replace): unknown {
  const next = replace(value, name);
  return typeof next === 'string' && next === value && /^[{[]/.test(next) ? (json(next, replace) ?? next) : next;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
