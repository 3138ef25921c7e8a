// How a change is shown, and what a person's edit of it sends.

import { describe, expect, test } from 'vitest';

import type { Change } from '../api/generated';
import { diffLines, draftOf, readDraft, same, shapeOf } from './changes';

const change = (field: string, after: unknown, before: unknown = null): Change => ({
  field,
  before,
  after,
  provenance: [],
});
const noReason = (why: string) => why;

describe('the shape a change is shown in', () => {
  test.each([
    ['Highest', 'value'],
    [42, 'value'],
    [null, 'value'],
    ['two\nlines', 'text'],
    ['x'.repeat(81), 'text'],
    [['a', 'b'], 'list'],
    [[{ a: 1 }], 'structure'],
    [{ a: 1 }, 'structure'],
    [{ type: 'doc', content: [] }, 'document'],
  ])('%j', (after, shape) => expect(shapeOf(change('f', after))).toBe(shape));
});

test('equality does not depend on the order of keys', () => {
  expect(same({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true);
  expect(same({ a: 1 }, { a: '1' })).toBe(false);
  expect(same(undefined, null)).toBe(true);
});

describe('the line diff', () => {
  const drawn = (before: string, after: string) =>
    diffLines(before, after).map(({ mark, text }) => mark + text);

  test('keeps what is common and orders removals before additions', () =>
    expect(drawn('a\nb\nc', 'a\nB\nc')).toEqual([' a', '-b', '+B', ' c']));
  test('sees insertions and deletions', () => {
    expect(drawn('a\nc', 'a\nb\nc')).toEqual([' a', '+b', ' c']);
    expect(drawn('a\nb\nc', 'a\nc')).toEqual([' a', '-b', ' c']);
  });
  test('is all additions against nothing', () =>
    expect(drawn('', 'a\nb')).toEqual(['-', '+a', '+b']));
});

describe('an edited payload', () => {
  const changes = [
    change('text', 'Hello'),
    change('labels', ['a']),
    change('version', 15),
    change('note', null),
  ];
  const first = draftOf(changes);
  const read = (edits: Record<string, string>) =>
    readDraft(changes, { ...first, ...edits }, noReason);

  test('holds nothing when nothing was edited', () => expect(read({}).changes).toEqual({}));
  test('holds only what was edited, in its own type', () =>
    expect(read({ text: 'Hi', version: '16', labels: '["a", "b"]' }).changes).toEqual({
      text: 'Hi',
      version: 16,
      labels: ['a', 'b'],
    }));
  test('a text that looks like a number stays a text', () =>
    expect(read({ text: '42' }).changes).toEqual({ text: '42' }));
  test('a field that was empty takes a text', () =>
    expect(read({ note: 'new' }).changes).toEqual({ note: 'new' }));
  test('a broken structure is named and nothing is sent', () => {
    const { changes: none, wrong } = read({ labels: '["a"', text: 'Hi' });
    expect(none).toBeNull();
    expect(Object.keys(wrong)).toEqual(['labels']);
  });
});
