// Several runs on one work item: which one is shown.

import { useState } from 'react';

import type { RunState, RunView, StepState } from '../api/generated';
import { StatusIcon } from '../parts/StatusIcon';
import { runLabel } from '../words/labels';
import { useMoments } from '../words/MomentsContext';
import { t } from '../words/words';
import styles from './RunSwitcher.module.css';

const FEW = 4;

const ICONS: Record<RunState, StepState> = {
  running: 'running',
  waiting_person: 'waiting',
  waiting_outside: 'waiting',
  held: 'waiting',
  completed: 'done',
  completed_with_gaps: 'adapted',
  cancelled: 'skipped',
  failed: 'failed',
};

type Props = { runs: RunView[]; shown: string; now: number; onChoose: (id: string) => void };

export function RunSwitcher({ runs, shown, now, onChoose }: Props) {
  const moments = useMoments();
  const [all, setAll] = useState(false);
  const listed = runs.filter((run, i) => all || i < FEW || run.id === shown);
  return (
    <nav aria-label={t('run.switch')} className={styles.runs}>
      {listed.map((run) => (
        <button
          key={run.id}
          type="button"
          className={styles.run}
          aria-current={run.id === shown}
          onClick={() => onChoose(run.id)}
        >
          <StatusIcon state={ICONS[run.state]} label={runLabel(run)} />
          <span>{run.name}</span>
          <span className={styles.when}>{moments.clock(run.started_at, now)}</span>
        </button>
      ))}
      {listed.length < runs.length ? (
        <button type="button" className={styles.run} onClick={() => setAll(true)}>
          {t('run.more_runs', { n: runs.length })}
        </button>
      ) : null}
    </nav>
  );
}
