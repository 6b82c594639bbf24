import { expect, it } from 'vitest';
import type { MessageName } from '../../functions/pages/wording.ts';
import { keepsPlaceholders } from '../../functions/pages/wording.ts';

it.each<[boolean, MessageName, string]>([
  [true, 'formTitle', 'Stop'],
  [false, 'formTitle', 'Stop {brand}'],
  [false, 'formTitle', 'Stop {}'],
  [true, 'recordedAt', 'On {time}'],
  [true, 'recordedAt', '{time}, yes, {time}'],
  [false, 'recordedAt', 'On time'],
  [false, 'recordedAt', 'On {Time}'],
  [false, 'recordedAt', 'On {time} by {email}'],
  [true, 'recordedAt', '{time} } {'],
])('returns %s for the placeholders of %s in %j', (expected, message, wording) => {
  expect(keepsPlaceholders(message, wording)).toBe(expected);
});
