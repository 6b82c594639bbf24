const MIB = 1_048_576;
const DEPTH = 100_000;
/** Below the size limit of every source, with room for the envelope. */
const LONG = 900_000;

const text = (...parts: readonly string[]): Buffer => Buffer.from(parts.join(''));
const times = (part: string, length = LONG): string => part.repeat(Math.floor(length / Buffer.byteLength(part)));

/** A DTD whose last entity is 10^9 times the first. */
function billionLaughs(): string {
  const entities = Array.from({ length: 9 }, (_none, level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`);
  return `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "laugh">${entities.join('')}]><x>&l9;</x>`;
}

const ENVELOPE = ['<Envelope><Body><notifications>', '</notifications></Body></Envelope>'] as const;
const BOUNDARY = 'hostile';
const part = (head: string, value = 'x'): string => `--${BOUNDARY}\r\n${head}\r\n\r\n${value}\r\n`;
const END = `--${BOUNDARY}--\r\n`;

/** The content type of the multipart bodies below. */
export const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;

/** Hostile bodies, by description. */
export const HOSTILE_BODIES: Readonly<Record<string, () => Buffer>> = {
  nothing: () => text(),
  blanks: () => text(times(' ')),
  'line ends': () => text(times('\r\n')),
  NULs: () => Buffer.alloc(LONG),
  'bytes other than UTF-8': () => Buffer.alloc(LONG, 0xff),
  'an overlong encoding': () => Buffer.from('7b22c0afe28222c3287d', 'hex'),
  'a byte order mark': () => text('\ufeff', '[]'),
  'UTF-16': () => Buffer.from('\ufeff{"email":"ada@example.com"}', 'utf16le'),
  'compressed bytes': () => Buffer.from('1f8b0800000000000003ab562acd4bcc4d55b252', 'hex'),
  'more than any source accepts': () => Buffer.alloc(6 * MIB, 'a'),
  'the maximum of API Gateway': () => Buffer.alloc(10 * MIB, '[{"email":"a"},'),

  'JSON other than an object': () => text('"x"'),
  'JSON null': () => text('null'),
  'a list of null': () => text('[null,0,"",[],{}]'),
  'deep lists': () => text('['.repeat(DEPTH), ']'.repeat(DEPTH)),
  'unterminated deep lists': () => text('['.repeat(DEPTH)),
  'deep objects': () => text('{"a":'.repeat(DEPTH), '1', '}'.repeat(DEPTH)),
  'deep data': () => text('{"type":"x","data":', '{"data":'.repeat(DEPTH), '1', '}'.repeat(DEPTH), '}'),
  'lone surrogates': () => text('{"email":"\\ud800@example.com","type":"\\udfff","event":"\\ud800"}'),
  'NULs in texts': () => text('{"email":"a\\u0000@example.com","type":"\\u0000","event":"\\u0000"}'),
  'polluting keys': () =>
    text('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"data":{"__proto__":{"polluted":1}}}'),
  'polluting events': () => text('[{"__proto__":{"polluted":1},"event":"__proto__","email":"ada@example.com"}]'),
  'a number of a million digits': () => text('[', times('9'), ']'),
  'numbers out of range': () => text('[{"timestamp":1e999,"time":-1e999,"ts":1e308,"event":"unsubscribe"}]'),
  'many empty events': () => text('[', times('{},').slice(0, -1), ']'),
  'many numbers instead of events': () => text('[', times('0,').slice(0, -1), ']'),
  'many keys': () => text('{', Array.from({ length: 50_000 }, (_none, key) => `"k${key}":${key}`).join(','), '}'),
  'one key many times': () => text('{', times('"email":1,').slice(0, -1), '}'),
  'an unterminated text': () => text('{"email":"', times('a')),
  'a text of escapes': () => text('{"email":"', times('\\u0041'), '"}'),

  'billion laughs': () => text(billionLaughs()),
  'an entity of a file': () => text('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>'),
  'one entity many times': () => text('<!DOCTYPE x [<!ENTITY e "', times('a', 9000), '">]><x>', times('&e;'), '</x>'),
  'deep XML': () => text('<a>'.repeat(DEPTH), '</a>'.repeat(DEPTH)),
  'deep XML inside the envelope': () =>
    text(ENVELOPE[0], '<Notification>'.repeat(30_000), '</Notification>'.repeat(30_000), ENVELOPE[1]),
  'unterminated XML': () => text(times('<a b="')),
  'brackets alone': () => text(times('<')),
  'unterminated comments': () => text(times('<!--')),
  'unterminated CDATA sections': () => text('<x>', times('<![CDATA['), '</x>'),
  'many attributes': () => text('<x ', times('a="b" '), '/>'),
  'many notifications': () => text(ENVELOPE[0], times('<Notification/>'), ENVELOPE[1]),

  'many fields': () => text(times('a=1&')),
  'many fields of one name': () => text(times('email=a%40example.com&')),
  'percent signs': () => text(times('%')),
  'invalid percent encoding': () => text('email=', times('%ff%00%zz')),
  'deep names': () => text('data', times('[a]'), '=1'),
  'many lists': () => text('type=unsubscribe&contact[email]=ada%40example.com', times('&list[]=1')),
  'polluting fields': () =>
    text('__proto__[polluted]=1&constructor[prototype][polluted]=1&__proto__=1&data[__proto__]=1'),
  'JSON in a field': () =>
    text('mandrill_events=', '['.repeat(DEPTH), '&data.json=', '{"a":'.repeat(DEPTH), '&rawRequest='),

  'many parts': () => text(times(part('Content-Disposition: form-data; name="a"')), END),
  'unterminated parts': () => text(times(part('Content-Disposition: form-data; name="a"'))),
  'a part with a long head': () => text(part(`Content-Disposition: form-data;${times(' ;', LONG / 2)} name="a"`), END),
  'a part with an unterminated name': () => text(part(`Content-Disposition: form-data; name="${times('a')}`), END),
  'boundaries alone': () => text(times(`--${BOUNDARY}\r\n`), END),
  'a part in a part': () => text(part(`Content-Type: ${MULTIPART}`, times(part('', '')).slice(0, LONG)), END),
  'polluting parts': () => text(part('Content-Disposition: form-data; name="__proto__"', '{"polluted":1}'), END),
};

/** Texts that make a careless pattern backtrack or a careless lookup succeed. Each replaces a value of a sender's event. */
export const HOSTILE_TEXTS: readonly string[] = [
  times('a', 200_000),
  `${times('a', 200_000)}@`,
  `${times('a@', 200_000)}`,
  `a@${times('a.', 200_000)}`,
  `a@${times('-', 200_000)}.com`,
  `${times('.', 200_000)}@example.com`,
  times(' ', 200_000),
  `${times(' ', 200_000)}x`,
  `${times('\t\n', 200_000)}x`,
  times('1', 200_000),
  `${times('1', 200_000)}.`,
  `2026-11-02T10:00:00${times('.0', 200_000)}`,
  `2026-11-02${times(' ', 200_000)}10:00:00`,
  times('<', 200_000),
  `<${times('a@b.c>', 200_000)}`,
  `"${times('\\"', 200_000)}`,
  times('\u0000', 200_000),
  times('\ud83d\ude00', 200_000),
  'a\ud800@example.com',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
];
