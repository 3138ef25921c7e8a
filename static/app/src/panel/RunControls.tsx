// What can be done with the run as a whole, as far as it stands now.

import Button from '@atlaskit/button/new';
import RetryIcon from '@atlaskit/icon/core/retry';
import PauseIcon from '@atlaskit/icon/core/video-pause';
import PlayIcon from '@atlaskit/icon/core/video-play';
import StopIcon from '@atlaskit/icon/core/video-stop';
import UndoIcon from '@atlaskit/icon/core/undo';

import type { RunView } from '../api/generated';
import { isFinal } from '../words/labels';
import { t } from '../words/words';
import styles from './RunControls.module.css';
import type { Order } from './RunOrder';
import { writesOf } from './writes';

type Props = {
  run: RunView;
  resuming: boolean;
  onOrder: (order: Order) => void;
  onResume: () => void;
};

export function RunControls({ run, resuming, onOrder, onResume }: Props) {
  const quiet = { appearance: 'subtle', spacing: 'compact' } as const;
  if (isFinal(run.state)) {
    return (
      <div className={styles.controls}>
        {run.beginnings.length > 0 ? (
          <Button {...quiet} iconBefore={RetryIcon} onClick={() => onOrder('rerun')}>
            {t('rerun.run')}
          </Button>
        ) : null}
        {writesOf(run.timeline).open.length > 0 ? (
          <Button {...quiet} iconBefore={UndoIcon} onClick={() => onOrder('undo')}>
            {t('undo.run')}
          </Button>
        ) : null}
      </div>
    );
  }
  return (
    <div className={styles.controls}>
      {run.brakes.includes('pause') ? (
        <Button spacing="compact" iconBefore={PlayIcon} isLoading={resuming} onClick={onResume}>
          {t('pause.resume')}
        </Button>
      ) : (
        <Button {...quiet} iconBefore={PauseIcon} onClick={() => onOrder('pause')}>
          {t('pause.run')}
        </Button>
      )}
      <Button {...quiet} iconBefore={StopIcon} onClick={() => onOrder('cancel')}>
        {t('cancel.run')}
      </Button>
    </div>
  );
}
