import { MULTIPART } from './bodies.ts';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const XML = 'text/xml';

/** A body of a given size, and the content type under which it is most expensive. */
export interface CostlyBody {
  readonly type: string;
  readonly body: (bytes: number) => Buffer;
}

/** Fills the body with a text, between a beginning and an end. */
function filled(text: string, begin = '', end = ''): CostlyBody['body'] {
  return (bytes) => {
    const room = Math.max(0, bytes - Buffer.byteLength(begin + end));
    const times = Math.floor(room / Buffer.byteLength(text));
    return Buffer.from(begin + text.repeat(times) + end);
  };
}

/** The same with a text for each number, for distinct names. */
function counted(textAt: (index: number) => string, begin = '', end = ''): CostlyBody['body'] {
  return (bytes) => {
    const texts: string[] = [begin];
    let left = bytes - begin.length - end.length;
    for (let index = 0; left > 40; index += 1) {
      const text = textAt(index);
      texts.push(text);
      left -= text.length;
    }
    return Buffer.from(texts.join('') + end);
  };
}

const nested = (open: string, close: string, middle = ''): CostlyBody['body'] => {
  return (bytes) => {
    const depth = Math.floor((bytes - middle.length) / (open.length + close.length));
    return Buffer.from(open.repeat(depth) + middle + close.repeat(depth));
  };
};

const part = (name: string, value = '') =>
  `--hostile\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

const form = (body: CostlyBody['body']): CostlyBody => ({ type: FORM, body });
const json = (body: CostlyBody['body']): CostlyBody => ({ type: JSON_TYPE, body });
const xml = (body: CostlyBody['body']): CostlyBody => ({ type: XML, body });
const multipart = (body: CostlyBody['body']): CostlyBody => ({ type: MULTIPART, body });

const LONG_NUMBER = '1111111111111111111';
const SOAP = ['<Envelope><Body><notifications>', '</notifications></Body></Envelope>'] as const;

/** The most expensive bodies that are known, by description. */
export const COSTLY_BODIES: Readonly<Record<string, CostlyBody>> = {
  'form of &': form(filled('&')),
  'form of a&': form(filled('a&')),
  'form of =&': form(filled('=&')),
  'form of a=1&': form(filled('a=1&')),
  'form of distinct names': form(counted((at) => `${at.toString(36)}&`)),
  'form of distinct fields': form(counted((at) => `${at.toString(36)}=1&`)),
  'form of %41': form(filled('%41', 'a=')),
  'form of %41%C3%BC': form(filled('%41%C3%BC', 'a=')),
  'form of %': form(filled('%', 'a=')),
  'form of %ff': form(filled('%ff', 'a=')),
  'form of +': form(filled('+', 'a=')),
  'form of %41 names': form(filled('%41=%41&')),
  'form of brackets': form(filled('[a]', 'a', '=1')),
  'form of bracketed fields': form(filled('a[a][a]=1&')),
  'form with JSON of brackets': form(filled('%5B', 'mandrill_events=')),
  'form with JSON lists': form(filled('[', 'mandrill_events=')),
  'form with JSON in JSON': form(filled('%5C%22', 'mandrill_events=%5B%22', '%22%5D')),
  'form with JSON numbers': form(filled('0,', 'mandrill_events=[', '0]')),
  'form with a signature and fields': form(filled('a=1&', 'timestamp=1&token=a&signature=b&')),
  'form of bytes other than UTF-8': form((bytes) => Buffer.alloc(bytes, 0xff)),

  'JSON of unterminated lists': json(filled('[')),
  'JSON of lists': json(nested('[', ']')),
  'JSON of unterminated objects': json(filled('{"a":')),
  'JSON of objects': json(nested('{"a":', '}', '1')),
  'JSON of distinct objects': json(counted((at) => `{"${at.toString(36)}":`)),
  'JSON of escapes': json(filled('\\u0041', '{"a":"', '"}')),
  'JSON of short escapes': json(filled('\\n', '{"a":"', '"}')),
  'JSON of quotes': json(filled('\\"', '{"a":"', '"}')),
  'JSON of numbers': json(filled('0,', '[', '0]')),
  'JSON of fractions': json(filled('1.7e308,', '[', '0]')),
  'JSON of negative numbers': json(filled('-1e-9,', '[', '0]')),
  'JSON of numbers, one of them long': json(filled('0,', `[${LONG_NUMBER},`, '0]')),
  'JSON of long numbers': json(filled(`${LONG_NUMBER},`, '[', '0]')),
  'JSON of one long number': json(filled('1', '[', ']')),
  'JSON of empty texts': json(filled('"",', '[', '0]')),
  'JSON of empty texts, with a long number': json(filled('"",', `[${LONG_NUMBER},`, '0]')),
  'JSON of empty lists': json(filled('[],', '[', '0]')),
  'JSON of empty lists, with a long number': json(filled('[],', `[${LONG_NUMBER},`, '0]')),
  'JSON of empty objects': json(filled('{},', '[', '0]')),
  'JSON of small objects': json(filled('{"a":0},', '[', '0]')),
  'JSON of small objects, with a long number': json(filled('{"a":0},', `[${LONG_NUMBER},`, '0]')),
  'JSON of distinct small objects': json(counted((at) => `{"${at.toString(36)}":0},`, '[', '0]')),
  'JSON of one key': json(filled('"a":0,', '{', '"a":0}')),
  'JSON of distinct keys': json(counted((at) => `"${at.toString(36)}":0,`, '{', '"a":0}')),
  'JSON of distinct keys, with a long number': json(
    counted((at) => `"${at.toString(36)}":0,`, `{"n":${LONG_NUMBER},`, '"a":0}'),
  ),
  'JSON of number keys': json(counted((at) => `"${at * 7}":0,`, '{', '"0":0}')),
  'JSON of signatures': json(filled('"signature":{},', '{', '"a":0}')),
  'JSON of hashes': json(filled(`"auth":"${'a'.repeat(32)}",`, '{', '"a":0}')),
  'JSON of almost hashes': json(filled(`"auth" : "${'a'.repeat(31)}",`, '{', '"a":0}')),
  'JSON of hex digits': json(filled('a', '{"auth":"', '"}')),
  'JSON of quotes and blanks': json(filled(`"${' '.repeat(1000)}`, '{"auth"')),
  'JSON of blanks': json(filled(' ', '{', '}')),
  'JSON of blanks after a comma': json(filled(`,${' '.repeat(1000)}`, '[')),
  'JSON in a text': json(filled('{\\"a\\":0},', '{"Type":"Notification","Message":"[', '0]"}')),
  'JSON after a batch': json(filled('0,', '{"batch":[', '0]}')),

  'XML of elements': xml(filled('<a/>', '<a>', '</a>')),
  'XML of notifications': xml(filled('<Notification/>', ...SOAP)),
  'XML of pairs': xml(filled('<a></a>', '<a>', '</a>')),
  'XML of nested elements': xml(nested('<a>', '</a>')),
  'XML of attributes': xml(filled(" a=''", '<a', '/>')),
  'XML of references': xml(filled('&lt;', '<a>', '</a>')),
  'XML of numeric references': xml(filled('&#65;', '<a>', '</a>')),
  'XML of references in attributes': xml(filled('&#65;', '<a b="', '"/>')),
  'XML of comments': xml(filled('<!---->', '<a>', '</a>')),
  'XML of instructions': xml(filled('<??>', '<a>', '</a>')),
  'XML of CDATA': xml(filled('<![CDATA[]]>', '<a>', '</a>')),
  'XML of a long name': xml(filled('a', '<', '/>')),
  'XML of blanks in a tag': xml(filled(' ', '<a', '/>')),
  'XML of blanks': xml(filled('\n')),
  'XML of blanks before a comment': xml(filled(' <!---->')),

  'multipart of parts': multipart(filled(part('a'), '', '--hostile--')),
  'multipart of distinct parts': multipart(counted((at) => part(at.toString(36)), '', '--hostile--')),
  'multipart of boundaries': multipart(filled('\r\n--hostile', '', '\r\n--hostile--')),
  'multipart of heads': multipart(filled('\r\n\r\n', '--hostile\r\n', '\r\n--hostile--')),
  'multipart of names': multipart(filled(';name="a"', '--hostile\r\n', '\r\n\r\n\r\n--hostile--')),
  'multipart of unterminated names': multipart(filled('; name=', '--hostile\r\n', '\r\n\r\n\r\n--hostile--')),
  'multipart of separators': multipart(filled('; ', '--hostile\r\n', '\r\n\r\n\r\n--hostile--')),
  'multipart of blanks': multipart(filled(' ', '--hostile\r\n;', '\r\n\r\n\r\n--hostile--')),
  'multipart of a value': multipart(filled('a', '--hostile\r\nx;name="a"\r\n\r\n', '\r\n--hostile--')),

  gzip: json(() => Buffer.from('1f8b0800000000000003', 'hex')),
  'base64 junk': { type: 'text/plain', body: filled('QUFB') },
  NULs: { type: 'application/octet-stream', body: (bytes) => Buffer.alloc(bytes) },
};
