// The texts' own rules: names filled in, numbers, and what happens without a text.

import { expect, test } from 'vitest';

import { count, t, word } from './words';

test('names are filled in', () =>
  expect(t('run.started', { time: '09:00', by: 'case 7' })).toBe('Started 09:00 by case 7'));
test('numbers choose their form', () => {
  expect(count('run.actions', 1)).toBe('1 action');
  expect(count('run.tokens', 6412)).toBe('6,412 tokens');
});
test('an unknown key at run time falls back', () => expect(word('system.sap', 'Sap')).toBe('Sap'));
