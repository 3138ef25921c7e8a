// A stop switch: pressed, it says who pressed it and when, and lets go on.

import Button from '@atlaskit/button/new';

import type { Stopped } from '../api/generated';
import { useAction } from '../api/useAction';
import { useMoments } from '../words/MomentsContext';
import { t } from '../words/words';
import { Notice } from './Notice';
import styles from './StopSwitch.module.css';
import { Trouble } from './Trouble';

type Props = {
  /** What it stops, for people. */
  what: string;
  stopped: Stopped | null;
  now: number;
  onTurn: (stop: boolean) => Promise<void>;
};

export function StopSwitch({ what, stopped, now, onTurn }: Props) {
  const { run: turn, busy, error } = useAction(onTurn);
  return (
    <div className={styles.switch}>
      {error ? <Trouble error={error} /> : null}
      {stopped ? <StopNotice stopped={stopped} now={now} /> : null}
      <Button
        spacing="compact"
        appearance={stopped ? 'primary' : 'default'}
        isLoading={busy}
        onClick={() => void turn(!stopped)}
      >
        {t(stopped ? 'stop.resume' : 'stop.stop', { what })}
      </Button>
    </div>
  );
}

export function StopNotice({ stopped, now }: { stopped: Stopped; now: number }) {
  const moments = useMoments();
  const { at, by, what } = stopped;
  return (
    <Notice tone="warning" title={t('stop.title', { what })}>
      <p title={moments.full(at)}>
        {t('stop.about', { by, time: moments.distance(at, Math.max(now, at)) })}
      </p>
    </Notice>
  );
}
