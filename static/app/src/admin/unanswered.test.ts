// Which fields of a connection's form still need an answer.

import { expect, test } from 'vitest';

import { unanswered } from './unanswered';

const field = (key: string, more = {}) => ({
  key,
  label: key,
  secret: false,
  required: true,
  example: '',
  value: null,
  set: false,
  ...more,
});

test('a stored secret may stay empty, everything else required may not', () => {
  const fields = [
    field('url'),
    field('stored', { secret: true, set: true }),
    field('new', { secret: true }),
    field('note', { required: false }),
  ];
  expect(unanswered(fields, { url: ' ' })).toEqual(['url', 'new']);
  expect(unanswered(fields, { url: 'https://a', new: 's' })).toEqual([]);
});
