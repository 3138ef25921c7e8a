// The run in two lines: which flow, where it stands, since when, and what it used.

import Lozenge from '@atlaskit/lozenge';
import type { ReactNode } from 'react';

import type { RunView, Spend } from '../api/generated';
import { isFinal, runLabel, runTone } from '../words/labels';
import { useMoments } from '../words/MomentsContext';
import { elapsed, usd } from '../words/moments';
import { count, t } from '../words/words';
import styles from './RunHeader.module.css';

type Props = {
  run: RunView;
  now: number;
  live: boolean;
  stopping: boolean;
  /** What can be done with it. */
  children: ReactNode;
};

export function RunHeader({ run, now, live, stopping, children }: Props) {
  const moments = useMoments();
  const open = !isFinal(run.state);
  return (
    <header className={styles.header}>
      <div className={styles.title}>
        <h2>{run.name}</h2>
        <Lozenge appearance={stopping ? 'neutral' : runTone(run.state)} maxWidth={280}>
          {stopping ? t('cancel.under_way') : runLabel(run)}
        </Lozenge>
      </div>
      {children}
      <ul className={styles.facts}>
        {open ? (
          <li className={live ? styles.live : undefined}>{t(live ? 'run.live' : 'run.polling')}</li>
        ) : null}
        <li title={moments.full(run.started_at)}>
          {t('run.started', { time: moments.clock(run.started_at, now), by: run.started_by })}
        </li>
        <li>{elapsed((run.ended_at ?? now) - run.started_at)}</li>
        <li>{count('run.actions', run.spend.actions)}</li>
        <li>{cost(run.spend, moments.locale)}</li>
      </ul>
    </header>
  );
}

/** Money where the admin entered prices, tokens elsewhere. */
function cost(spend: Spend, locale: string): string {
  return spend.usd_micros > 0 ? usd(spend.usd_micros, locale) : count('run.tokens', spend.tokens);
}
