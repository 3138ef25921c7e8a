// A question's form: what its schema asks for, and what is sent or found wrong.

import { describe, expect, test } from 'vitest';

import { fieldsOf, readEntries, type Entries } from './form';

const schema = (properties: Record<string, unknown>, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const read = (of: Record<string, unknown>, entries: Entries) => readEntries(fieldsOf(of), entries);

const PLACE = schema(
  {
    environment: { type: 'string', enum: ['production', 'hot_standby'], description: 'Where' },
    failing: { type: 'boolean' },
    words: { type: 'string', maxLength: 5 },
    rough: { type: 'number' },
  },
  ['environment', 'failing'],
);

test('a schema becomes fields in its own order', () => {
  const [environment, failing, words, rough] = fieldsOf(PLACE);
  expect(environment).toMatchObject({
    label: 'Environment',
    about: 'Where',
    required: true,
    shape: { as: 'choice', options: [{ label: 'production' }, { label: 'hot standby' }] },
  });
  expect(failing?.shape).toMatchObject({ options: [{ value: true }, { value: false }] });
  expect(words).toMatchObject({ required: false, shape: { as: 'text', max: 5 } });
  expect(rough?.shape.as).toBe('number');
});

describe('an answer', () => {
  test('keeps the type of every field, and leaves out what was left empty', () =>
    expect(read(PLACE, { environment: '1', failing: '1', words: '  ', rough: '2.5' })).toEqual({
      answer: { environment: 'hot_standby', failing: false, rough: 2.5 },
      wrong: {},
    }));
  test('is told what is wrong, field by field', () =>
    expect(read(PLACE, { failing: '0', words: 'too long', rough: 'many' }).wrong).toEqual({
      environment: 'This is needed.',
      words: 'At most 5 characters.',
      rough: 'Enter a number.',
    }));
  test('can list: options, lines, or whatever is JSON', () => {
    const lists = schema({
      parts: { type: 'array', items: { enum: [1, 'two'] } },
      names: { type: 'array', items: { type: 'string' } },
      rows: { type: 'array', items: { type: 'object', properties: {} } },
    });
    expect(read(lists, { parts: ['1', '0'], names: 'a\n\n b ', rows: '[{"x":1}]' }).answer).toEqual(
      { parts: ['two', 1], names: ['a', 'b'], rows: [{ x: 1 }] },
    );
    expect(read(lists, { rows: '[{' }).wrong.rows).toMatch(/^This is not valid JSON/);
    expect(read(lists, {}).answer).toEqual({});
  });
  test('of an optional object needs its parts only once one of them is there', () => {
    const inner = schema({ kind: { enum: ['new', 'known'] }, key: { type: 'string' } }, ['kind']);
    const of = schema({ relation: inner });
    expect(read(of, {}).answer).toEqual({});
    expect(read(of, { 'relation.key': 'PAY-1' }).wrong).toEqual({
      'relation.kind': 'This is needed.',
    });
    expect(read(of, { 'relation.kind': '1', 'relation.key': 'PAY-1' }).answer).toEqual({
      relation: { kind: 'known', key: 'PAY-1' },
    });
    expect(read(schema({ relation: inner }, ['relation']), {}).wrong).toHaveProperty([
      'relation.kind',
    ]);
  });
});
