// The hand-off packet in words: whether a write can be taken back, and all of it as plain text.

import type { HandOff, RunView, Undo } from '../api/generated';
import { asSentence, runLabel } from '../words/labels';
import type { Moments } from '../words/moments';
import { t } from '../words/words';

/** Whether a write was, or can be, taken back. */
export function undoLabel(undo: Undo): string {
  if (undo.state === 'possible') return t('undo.can');
  if (undo.state === 'done') return t('undo.done');
  return t(undo.again ? 'undo.could_not' : 'undo.cannot', { why: undo.why });
}

/** The packet for somebody who cannot see this page; its times stay true when it is read later. */
export function handOffText(run: RunView, handOff: HandOff, moments: Moments): string {
  const { known, done, missing, suggestion } = handOff;
  const head = [
    `${run.name}: ${runLabel(run)}`,
    [run.subject, t('panel.run_id', { id: run.id })].filter(Boolean).join(' · '),
    t('run.started', { time: moments.full(run.started_at), by: run.started_by }),
    asSentence(run.reason),
  ];
  const parts: [string, string[]][] = [
    [t('hand_off.next'), [suggestion]],
    [t('hand_off.missing'), missing],
    [t('hand_off.done'), done.map(({ title, undo }) => `${title} (${undoLabel(undo)})`)],
    [
      t('hand_off.known'),
      known.map(({ fact, summary, source, observed_at, untrusted }) => {
        const from = [source, t('timeline.observed_at', { time: moments.full(observed_at) })];
        if (untrusted) from.push(t('timeline.untrusted'));
        return `${fact}: ${summary} (${from.join(' · ')})`;
      }),
    ],
  ];
  const told = parts.filter(([, lines]) => lines.length > 0);
  const text = told.map(([title, lines]) =>
    [title, ...lines.map((line) => `- ${line}`)].join('\n'),
  );
  return [head.join('\n'), ...text].join('\n\n');
}
