import { describe, expect, it } from 'vitest';
import { decodeBody, decodeWords, utf8Of } from '../../functions/mail/decode.ts';

const binary = (text: string) => Buffer.from(text).toString('latin1');
const decode = (text: string, encoding = '', charset = 'utf-8') => decodeBody(text, { encoding, charset });

describe('a body', () => {
  it.each([
    ['base64', 'R3LDvMOfZQ==', 'Grüße'],
    ['base64', 'R3LD\r\nvMOf\r\nZQ', 'Grüße'],
    ['quoted-printable', 'Gr=C3=BC=c3=9fe', 'Grüße'],
    ['quoted-printable', 'Gr=C3=BC=  \r\n=C3=9Fe=\n', 'Grüße'],
    ['quoted-printable', '=4', '=4'],
    ['8bit', binary('Grüße'), 'Grüße'],
    ['', binary('Grüße'), 'Grüße'],
  ])('is decoded from %j: %j', (encoding, text, decoded) => {
    expect(decode(text, encoding)).toBe(decoded);
  });

  it('is decoded from its charset, and from UTF-8 if the charset is unknown', () => {
    expect(decode('Gr\xfc\xdfe', '', 'iso-8859-1')).toBe('Grüße');
    expect(decode(binary('Grüße'), '', 'x-unknown')).toBe('Grüße');
    expect(decode('Gr\xfc', '', 'utf-8')).toBe('Gr\uFFFD');
  });
});

describe('a header field', () => {
  it.each([
    ['=?utf-8?B?R3LDvMOfZQ==?=', 'Grüße'],
    ['=?iso-8859-1?q?Gr=FC=DFe_an?= Ada', 'Grüße an Ada'],
    ['=?utf-8?Q?eyJ?= \t =?utf-8?Q?abc?=', 'eyJabc'],
    ['=?utf-8*en?Q?a?= b', 'a b'],
    ['=?utf-8?X?a?=', '=?utf-8?X?a?='],
    ['=?utf-8?Q?a', '=?utf-8?Q?a'],
    ['plain', 'plain'],
  ])('has its encoded words decoded: %j', (value, decoded) => {
    expect(decodeWords(value)).toBe(decoded);
  });

  it('is read up to 8 KiB', () => {
    expect(decodeWords('a'.repeat(10_000))).toHaveLength(8_192);
  });

  it('is UTF-8', () => {
    expect(utf8Of(binary('Grüße'))).toBe('Grüße');
  });
});
