// The run as it will most likely look once an answer has arrived, shown until it has.

import type { Answer } from '../api/panel';
import type { ApprovalView, Entry, RunView } from '../api/generated';
import { t } from '../words/words';

export function expectAnswer(
  run: RunView,
  asked: ApprovalView,
  answer: Answer,
  now: number,
): RunView {
  const approvals = run.approvals.filter(({ effect }) => effect !== asked.effect);
  const rejected = answer.answer === 'reject';
  const stillAsked = approvals.some(({ step }) => step === asked.step);
  const strip = run.strip.map((tile) =>
    tile.step === asked.step && !rejected && !stillAsked
      ? { ...tile, state: 'running' as const }
      : tile,
  );
  return {
    ...run,
    approvals,
    strip,
    state: approvals.length > 0 ? 'waiting_person' : 'running',
    reason: approvals.length > 0 ? run.reason : '',
    timeline: [...run.timeline, said(run, asked, answer, now)],
  };
}

function said(run: RunView, asked: ApprovalView, answer: Answer, now: number): Entry {
  const last = run.timeline.at(-1)?.seq ?? 0;
  return {
    seq: last + 0.5,
    at: now,
    kind: 'person',
    step: asked.step,
    system: 'person',
    state: answer.answer === 'reject' ? 'skipped' : 'running',
    text: t(`expected.${answer.answer}`, { title: asked.title }),
    detail: answer.answer === 'reject' ? answer.reason : '',
    took_ms: null,
    adapted: null,
    saw: [],
    decided: null,
    did: null,
  };
}
