// Times, distances and money in the words people read.

import { describe, expect, test } from 'vitest';

import { createMoments, elapsed, left, usd } from './moments';

const MINUTE = 60_000;

describe('elapsed', () => {
  test.each([
    [-5, '0 s'],
    [0, '0 s'],
    [310, '310 ms'],
    [1_400, '1.4 s'],
    [18_000, '18 s'],
    [33_400, '33 s'],
    [4 * MINUTE + 18_000, '4 min 18 s'],
    [59 * MINUTE, '59 min'],
    [60 * MINUTE + 5_000, '1 h'],
    [26 * 60 * MINUTE, '1 d 2 h'],
  ])('%i ms is %s', (ms, words) => expect(elapsed(ms)).toBe(words));
});

describe('left', () => {
  test.each([
    [-1, '0 s'],
    [40_000, '40 s'],
    [40 * MINUTE + 1, '41 min'],
    [90 * MINUTE, '90 min'],
    [3 * 60 * MINUTE, '3 h'],
    [72 * 60 * MINUTE, '3 d'],
  ])('%i ms is %s', (ms, words) => expect(left(ms)).toBe(words));
});

test('money is shown in cents, and finer below one cent', () => {
  expect(usd(41_300, 'en-US')).toBe('$0.04');
  expect(usd(1_250_000, 'en-US')).toBe('$1.25');
  expect(usd(4_200, 'en-US')).toBe('$0.0042');
});

describe('moments', () => {
  const noon = Date.UTC(2026, 2, 10, 12, 0);
  const berlin = createMoments('en-US', 'Europe/Berlin');

  test('the clock is the reader’s own', () => expect(berlin.clock(noon, noon)).toBe('13:00'));
  test('another day is named', () =>
    expect(berlin.clock(noon - 24 * 60 * MINUTE, noon)).toBe('Mar 9, 13:00'));
  test('distances look both ways', () => {
    expect(berlin.distance(noon - 4 * MINUTE, noon)).toBe('4 minutes ago');
    expect(berlin.distance(noon + 2 * 60 * MINUTE, noon)).toBe('in 2 hours');
    expect(berlin.distance(noon - 30 * 60 * MINUTE, noon)).toBe('yesterday');
  });
  test('other languages count too', () =>
    expect(createMoments('de-DE', 'UTC').distance(noon - 4 * MINUTE, noon)).toBe('vor 4 Minuten'));
});
