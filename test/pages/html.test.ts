import fc from 'fast-check';
import { expect, it } from 'vitest';
import { filled, html, joined } from '../../functions/pages/html.ts';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const unescapeHtml = (text: string) =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_all, name: string) => ENTITIES[name] ?? '');

it('escapes any text so that it stays within its element or quoted attribute', () => {
  const text = fc.string({
    unit: fc.constantFrom('<', '>', '"', "'", '&', '&lt;', '${', '`', '\\', 'a', '=', ' ', '\0', '\n'),
  });
  const property = fc.property(text, text, (one, other) => {
    const [, attribute = '', content = ''] =
      /^<p title="([^"<>']*)">([^"<>']*)<\/p>$/.exec(html`<p title="${one}">${other}</p>`.markup) ?? [];
    expect([unescapeHtml(attribute), unescapeHtml(content)]).toEqual([one, other]);
  });
  fc.assert(property, { numRuns: 500 });
});

it('inserts markup unescaped, and nothing for undefined', () => {
  const bold = html`<b>${'<&>'}</b>`;

  expect(html`${bold}${undefined}!`.markup).toBe('<b>&lt;&amp;&gt;</b>!');
});

it('fills placeholders with markup and escapes the rest', () => {
  const time = html`<time>${'<&>'}</time>`;

  expect(filled('<b> {time} & {time}', { time }).markup).toBe(
    '&lt;b&gt; <time>&lt;&amp;&gt;</time> &amp; <time>&lt;&amp;&gt;</time>',
  );
  expect(filled('{constructor} {} {<i>} {when}', { time }).markup).toBe('{constructor} {} {&lt;i&gt;} {when}');
});

it('concatenates markup unescaped', () => {
  expect(joined([html`<b>`, html`${'<'}`, html`</b>`]).markup).toBe('<b>&lt;</b>');
});
