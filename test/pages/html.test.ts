import fc from 'fast-check';
import { expect, it } from 'vitest';
import { filled, html, joined } from '../../functions/pages/html.ts';

const MARKS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const read = (text: string) => text.replace(/&(amp|lt|gt|quot|#39);/g, (_all, name: string) => MARKS[name] ?? '');

it('keeps any text inside of the element or the quoted attribute it stands in, and shows it as it is', () => {
  const text = fc.string({
    unit: fc.constantFrom('<', '>', '"', "'", '&', '&lt;', '${', '`', '\\', 'a', '=', ' ', '\0', '\n'),
  });
  const property = fc.property(text, text, (one, other) => {
    const [, attribute = '', content = ''] =
      /^<p title="([^"<>']*)">([^"<>']*)<\/p>$/.exec(html`<p title="${one}">${other}</p>`.markup) ?? [];
    expect([read(attribute), read(content)]).toEqual([one, other]);
  });
  fc.assert(property, { numRuns: 500 });
});

it('takes markup of its own as it is, once, and nothing for what is undefined', () => {
  const bold = html`<b>${'<&>'}</b>`;

  expect(html`${bold}${undefined}!`.markup).toBe('<b>&lt;&amp;&gt;</b>!');
});

it('fills placeholders with markup and escapes everything else', () => {
  const time = html`<time>${'<&>'}</time>`;

  expect(filled('<b> {time} & {time}', { time }).markup).toBe(
    '&lt;b&gt; <time>&lt;&amp;&gt;</time> &amp; <time>&lt;&amp;&gt;</time>',
  );
  expect(filled('{constructor} {} {<i>} {when}', { time }).markup).toBe('{constructor} {} {&lt;i&gt;} {when}');
});

it('joins markup as it is', () => {
  expect(joined([html`<b>`, html`${'<'}`, html`</b>`]).markup).toBe('<b>&lt;</b>');
});
