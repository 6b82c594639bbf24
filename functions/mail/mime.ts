import type { Fields, Mail } from '../core/payload/mail.ts';
import { collectFields, fieldLists, firstWord } from '../core/payload/mail.ts';
import { REPORT_PARTS } from '../core/readers/mail-reports.ts';
import { decodeBody, decodeWords, utf8Of } from './decode.ts';

/** More than a genuine message needs, and little enough that a hostile one is cheap to parse. */
const LIMITS = { headerLength: 65_536, parameterLength: 1_000, depth: 10, parts: 100, textLength: 65_536 };

/**
 * Parses a message, which may be truncated, and omits everything beyond a limit. It never throws. Only the parts that the
 * relay reads are decoded: postal-mime 4.0.0 needed 4 s and 540 MB for 256 KiB of newlines.
 *
 * @see https://www.rfc-editor.org/rfc/rfc2046
 */
export function parseMail(bytes: Uint8Array): Mail {
  // One character per byte, until the charset of a part is known.
  const message = entityOf(Buffer.from(bytes).toString('latin1'));
  const leaves = leavesOf(message);
  const texts = leaves.filter(({ type }) => type === 'text/plain').map(textOf);
  const reports = leaves.filter(({ type }) => REPORT_PARTS.has(type));
  return {
    fields: message.fields,
    subject: decodeWords(message.fields.get('subject')?.[0] ?? ''),
    text: texts.join('\n\n').slice(0, LIMITS.textLength),
    parts: reports.map((leaf) => ({ type: leaf.type, text: textOf(leaf) })),
  };
}

/** A message, or a part of one. */
interface Entity {
  readonly fields: Fields;
  /** The media type, lower-case, without parameters. */
  readonly type: string;
  readonly body: string;
}

function entityOf(text: string): Entity {
  const emptyLine = /(?:^|\n)\r?\n/.exec(text);
  const header = text.slice(0, Math.min(emptyLine?.index ?? text.length, LIMITS.headerLength));
  const fields = collectFields(fieldLists(utf8Of(header)).flat());
  const type = firstWord(fields.get('content-type')?.[0] ?? '') || 'text/plain';
  return { fields, type, body: emptyLine ? text.slice(emptyLine.index + emptyLine[0].length) : '' };
}

/** The parts that have no parts themselves, in order. */
function leavesOf(message: Entity): readonly Entity[] {
  let level = [message];
  for (let depth = 0; depth < LIMITS.depth && level.some(isMultipart); depth += 1) {
    level = level.flatMap((entity) => (isMultipart(entity) ? partsOf(entity) : [entity])).slice(0, LIMITS.parts);
  }
  return level;
}

const isMultipart = ({ type }: Entity): boolean => type.startsWith('multipart/');

/** The parts between the boundary lines. The last one may lack its end. */
function partsOf({ fields, body }: Entity): Entity[] {
  const boundary = parameterOf(fields, 'boundary');
  if (!boundary) return [];
  const parts: Entity[] = [];
  let start: number | undefined;
  for (const { from, to, isEnd } of boundaryLines(body, boundary)) {
    if (start !== undefined) parts.push(entityOf(body.slice(start, from)));
    start = isEnd ? undefined : to;
    if (isEnd || parts.length === LIMITS.parts) return parts;
  }
  return start === undefined ? parts : [...parts, entityOf(body.slice(start))];
}

function* boundaryLines(body: string, boundary: string) {
  const delimiter = `--${boundary}`;
  for (let from = body.indexOf(delimiter); from >= 0; from = body.indexOf(delimiter, from + 1)) {
    if (from > 0 && body[from - 1] !== '\n') continue;
    const lineEnd = body.indexOf('\n', from);
    const to = lineEnd < 0 ? body.length : lineEnd + 1;
    const rest = body.slice(from + delimiter.length, to).trimEnd();
    if (rest === '' || rest === '--') yield { from, to, isEnd: rest === '--' };
  }
}

function textOf({ fields, body }: Entity): string {
  return decodeBody(body.slice(0, LIMITS.textLength), {
    encoding: firstWord(fields.get('content-transfer-encoding')?.[0] ?? ''),
    charset: parameterOf(fields, 'charset') ?? 'utf-8',
  });
}

/** A parameter of `Content-Type`: `boundary=a`, `boundary="a"`. */
function parameterOf(fields: Fields, name: 'boundary' | 'charset'): string | undefined {
  const contentType = fields.get('content-type')?.[0]?.slice(0, LIMITS.parameterLength) ?? '';
  const [, quoted, bare] = PARAMETERS[name].exec(contentType) ?? [];
  return quoted?.replace(/\\(.)/g, '$1') ?? bare;
}

const PARAMETERS = {
  boundary: /;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i,
  charset: /;\s*charset\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i,
};
