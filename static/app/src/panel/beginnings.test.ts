// What a run that begins anew would write once more is counted from the chosen step on.

import { describe, expect, test } from 'vitest';

import { beginningOf, repeatedFrom } from './beginnings';

const beginning = (step: string, ...writes: string[]) => ({
  step,
  title: step,
  system: '',
  writes,
});
const ALL = [
  beginning('a', 'A'),
  beginning('b'),
  beginning('each', 'Tell', 'Tell'),
  beginning('d'),
];

describe('what is written once more', () => {
  test('is what this step and all that follow wrote, a loop in one line', () => {
    expect(repeatedFrom(ALL, 'a')).toEqual([
      { title: 'A', times: 1 },
      { title: 'Tell', times: 2 },
    ]);
    expect(repeatedFrom(ALL, 'b')).toEqual([{ title: 'Tell', times: 2 }]);
  });
  test('may be nothing', () => expect(repeatedFrom(ALL, 'd')).toEqual([]));
  test('is nothing where the run cannot begin', () => expect(repeatedFrom(ALL, 'x')).toEqual([]));
});

describe('the step to begin at', () => {
  test('is the chosen one', () => expect(beginningOf(ALL, 'b')).toBe('b'));
  test('else the last', () => expect(beginningOf(ALL, '')).toBe('d'));
  test('else the last, when the run cannot begin there any more', () =>
    expect(beginningOf(ALL, 'gone')).toBe('d'));
  test('is none where there is none', () => expect(beginningOf([], 'a')).toBe(''));
});
