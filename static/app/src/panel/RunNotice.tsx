// Why a run stands where it stands, when it neither runs nor asks.

import type { RunView } from '../api/generated';
import { Notice } from '../parts/Notice';
import { asSentence, isUndoing } from '../words/labels';
import { useMoments } from '../words/MomentsContext';
import { t } from '../words/words';
import styles from './RunNotice.module.css';

type Props = { run: RunView; now: number; stopping: boolean };

export function RunNotice({ run, now, stopping }: Props) {
  const moments = useMoments();
  if (stopping)
    return (
      <Notice tone="information" title={t('cancel.under_way')}>
        <p>{t('cancel.under_way_about')}</p>
      </Notice>
    );
  if (isUndoing(run) && run.state !== 'held')
    return (
      <Notice tone="information" title={t('undo.under_way')}>
        <p>{t('undo.under_way_about')}</p>
      </Notice>
    );
  const wakes =
    run.wake_at && run.wake_at > now
      ? t('run.wakes', { time: moments.distance(run.wake_at, now) })
      : '';
  switch (run.state) {
    case 'waiting_outside':
      // A card says it better.
      if (run.questions.length > 0) return null;
      return (
        <p className={styles.outside}>
          {run.reason || t('run.outside_title')}
          {wakes ? <span className={styles.wakes}> {wakes}.</span> : null}
        </p>
      );
    case 'held':
      return (
        <Notice
          tone="warning"
          title={t(run.brakes.includes('pause') ? 'pause.held_title' : 'run.held_title')}
        >
          <p>{asSentence(run.reason)}</p>
          <p>{t('run.held_about')}</p>
        </Notice>
      );
    case 'failed':
      return (
        <Notice tone="error" title={t('run.failed_title')}>
          <p>{asSentence(run.reason)}</p>
        </Notice>
      );
    case 'cancelled':
      return (
        <Notice tone="information" title={t('run.cancelled_title')}>
          <p>{run.reason}</p>
        </Notice>
      );
    default:
      return run.gaps.length > 0 ? (
        <Notice tone="warning" title={t('run.gaps_title')}>
          <Gaps of={run.gaps} />
        </Notice>
      ) : null;
  }
}

function Gaps({ of }: { of: string[] }) {
  return (
    <ul className={styles.gaps}>
      {of.map((gap) => (
        <li key={gap}>{gap}</li>
      ))}
    </ul>
  );
}
