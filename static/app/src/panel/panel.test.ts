// The panel's decisions that are no markup: what is shown first, opened first, asked how often.

import { describe, expect, test } from 'vitest';

import type { ApprovalView, Did, Entry, QuestionView, RunView, Undo } from '../api/generated';
import { firstOpen, firstRun, passes } from './choose';
import { columns } from './columns';
import { numberEvidence } from './evidence';
import { expectAnswer } from './expect';
import { pollEvery } from './pollEvery';
import { writesOf } from './writes';

const entry = (seq: number, more: Partial<Entry> = {}): Entry => ({
  seq,
  at: 0,
  kind: 'read',
  step: 's',
  system: 'jira',
  state: 'done',
  text: '',
  detail: '',
  took_ms: null,
  adapted: null,
  saw: [],
  decided: null,
  did: null,
  ...more,
});
const DECIDED = {
  answer: {},
  reasons: '',
  confidence: null,
  alternatives: [],
  evidence: [],
  by: '',
  raised: [],
};
const asked = (effect: string, more: Partial<ApprovalView> = {}) =>
  ({ effect, step: 'reply', title: 'Reply', mine: true, ...more }) as ApprovalView;
const run = (more: Partial<RunView>) =>
  ({
    id: 'r',
    state: 'waiting_person',
    reason: 'Asked.',
    approvals: [],
    questions: [],
    timeline: [entry(3)],
    strip: [{ step: 'reply', title: 'Reply', system: 'jira', state: 'waiting' }],
    ...more,
  }) as RunView;

describe('the run shown first', () => {
  const done = run({ id: 'done', state: 'completed' });
  const open = run({ id: 'open', state: 'running' });
  const mine = run({ id: 'mine', approvals: [asked('e')] });
  test('waits for me', () => expect(firstRun([done, open, mine])?.id).toBe('mine'));
  test('or asks me', () =>
    expect(
      firstRun([open, run({ id: 'q', questions: [{ mine: true } as QuestionView] })])?.id,
    ).toBe('q'));
  test('else goes on', () => expect(firstRun([done, open])?.id).toBe('open'));
  test('else is the newest', () => expect(firstRun([done])?.id).toBe('done'));
  test('is none where there is none', () => expect(firstRun([])).toBeUndefined());
});

describe('the entry opened first', () => {
  const decision = entry(2, { kind: 'decision', decided: DECIDED });
  test('is the last that did not go as planned', () =>
    expect(
      firstOpen([entry(1, { adapted: 'a' }), decision, entry(4, { adapted: 'b' }), entry(5)]),
    ).toBe(2));
  test('else the last decision', () => expect(firstOpen([entry(1), decision, entry(3)])).toBe(1));
  test('else none', () => expect(firstOpen([entry(1)])).toBe(-1));
});

test('the filter Adapted also shows failures', () => {
  expect(passes('adapted', entry(1, { state: 'failed' }))).toBe(true);
  expect(passes('adapted', entry(1))).toBe(false);
  expect(passes('decisions', entry(1, { kind: 'person' }))).toBe(true);
});

describe('an answer shown before it arrived', () => {
  const waiting = run({ approvals: [asked('e1'), asked('e2')] });
  test('takes its question away and says what was answered', () => {
    const after = expectAnswer(waiting, waiting.approvals[0]!, { answer: 'approve' }, 7);
    expect(after.approvals.map(({ effect }) => effect)).toEqual(['e2']);
    expect(after.state).toBe('waiting_person');
    expect(after.timeline.at(-1)).toMatchObject({ text: 'You approved: Reply', at: 7, seq: 3.5 });
  });
  test('sets the run going when it was the last question', () => {
    const after = expectAnswer(
      run({ approvals: [asked('e')] }),
      asked('e'),
      { answer: 'approve' },
      7,
    );
    expect(after).toMatchObject({ state: 'running', reason: '' });
    expect(after.strip[0]?.state).toBe('running');
  });
  test('leaves the step alone when rejected', () => {
    const after = expectAnswer(
      run({ approvals: [asked('e')] }),
      asked('e'),
      { answer: 'reject', reason: 'no' },
      7,
    );
    expect(after.strip[0]?.state).toBe('waiting');
    expect(after.timeline.at(-1)?.detail).toBe('no');
  });
  test('does not touch the run it came from', () => {
    expectAnswer(waiting, waiting.approvals[0]!, { answer: 'approve' }, 7);
    expect(waiting.approvals).toHaveLength(2);
  });
});

test('the panel asks by itself only as often as it must', () => {
  expect(pollEvery([{ state: 'running' }], false)).toBe(5_000);
  expect(pollEvery([{ state: 'running' }], true)).toBe(30_000);
  expect(pollEvery([{ state: 'completed' }], true)).toBeNull();
});

test('tiles stand in rows of equal length', () => {
  expect(columns(7, 9)).toBe(7);
  expect(columns(13, 9)).toBe(7);
  expect(columns(13, 5)).toBe(5);
  expect(columns(0, 9)).toBe(0);
});

test('quotes carry the number of the fact that was seen', () => {
  const saw = ['case', 'account'].map((fact) => ({
    fact,
    source: '',
    system: '',
    observed_at: 0,
    summary: '',
    untrusted: false,
  }));
  const quote = (fact: string) => ({ fact, source: '', system: '', quote: '' });
  expect(
    numberEvidence([quote('account'), quote('other'), quote('other'), quote('case')], saw).map(
      ({ n }) => n,
    ),
  ).toEqual([2, 3, 3, 1]);
});

describe('what undoing would do', () => {
  const wrote = (seq: number, key: string, undo: Undo | null) =>
    entry(seq, { text: key, did: { effect_key: key, undo } as Did });
  const POSSIBLE = { state: 'possible' } as const;
  const no = (again: boolean) => ({ state: 'impossible', why: 'w', again }) as const;
  const keys = (of: { key: string }[]) => of.map(({ key }) => key);

  test('is listed the last write first, each once, by whether it can be done', () => {
    const { open, shut, undone } = writesOf([
      wrote(1, 'a', POSSIBLE),
      wrote(2, 'b', no(false)),
      wrote(3, 'c', { state: 'done', at: 7 }),
      wrote(4, 'd', no(true)),
      wrote(5, 'a', POSSIBLE),
    ]);
    expect([keys(open), keys(shut), keys(undone)]).toEqual([['d', 'a'], ['b'], ['c']]);
  });
  test('leaves out what did not happen', () => {
    expect(writesOf([entry(1), wrote(2, 'x', null)])).toEqual({ open: [], shut: [], undone: [] });
  });
});
