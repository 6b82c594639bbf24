import { describe, expect, it } from 'vitest';
import { commandsIn } from '../../../infra/check-aws/docs-commands.ts';

const ANY = '00000000-0000-0000-0000-000000000000';
const words = (text: string) => commandsIn(text, 'page.md').map((command) => command.words);

describe('commandsIn', () => {
  it.each([
    [
      'a command of a fenced block',
      'aws sns list-topics --output text\nnpm test',
      ['sns', 'list-topics', '--output', 'text'],
    ],
    ['a command over two lines', 'aws sns list-topics \\\n  --output text', ['sns', 'list-topics', '--output', 'text']],
    ['a command in code of a sentence', 'Run `aws sns list-topics`, then', ['sns', 'list-topics']],
    ['a command without a hyphen', 'with `aws sns subscribe`, and', ['sns', 'subscribe']],
    ['a command in a function', 'f() { aws sns list-topics --output "$1"; }', ['sns', 'list-topics', '--output', ANY]],
    ['a quoted value', `aws sns list-topics --query 'a | [0]' | cat`, ['sns', 'list-topics', '--query', 'a | [0]']],
    [
      'values of variables',
      'aws sns list-topics --region $A --query "x$B$C"',
      ['sns', 'list-topics', '--region', ANY, '--query', `x${ANY}${ANY}`],
    ],
    ['the value to fill in', 'aws sns list-topics --region <region>', ['sns', 'list-topics', '--region', ANY]],
  ])('finds %s', (_what, text, expected) => {
    expect(words(text)).toEqual([expected]);
  });

  it('finds a command and the command that its value is from', () => {
    const text = 'aws sns subscribe-x --arn "$(aws sns list-topics --output text)" --protocol email';

    expect(words(text)).toEqual([
      ['sns', 'subscribe-x', '--arn', ANY, '--protocol', 'email'],
      ['sns', 'list-topics', '--output', 'text'],
    ]);
  });

  it.each(['other aws require links', 'the aws-sdk', 'see docs/aws sns-topics', 'awslocal sns list-topics'])(
    'finds nothing in: %s',
    (text) => {
      expect(words(text)).toEqual([]);
    },
  );

  it('returns where the command is', () => {
    expect(commandsIn('# Page\n\naws sns list-topics', 'page.md')).toMatchObject([{ file: 'page.md', line: 3 }]);
  });
});
