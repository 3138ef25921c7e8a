// Grey shapes where the run will be, so that nothing jumps when it arrives.

import Skeleton from '@atlaskit/skeleton';

import { t } from '../words/words';
import styles from './Loading.module.css';

const ROWS = [0, 1, 2];

export function Loading() {
  return (
    <div className={styles.loading} role="status" aria-label={t('app.loading')}>
      <Skeleton width="260px" height="22px" isShimmering />
      <Skeleton width="420px" height="14px" isShimmering />
      <Skeleton width="100%" height="66px" borderRadius="var(--ds-radius-large)" isShimmering />
      {ROWS.map((row) => (
        <div key={row} className={styles.row}>
          <Skeleton
            width="24px"
            height="24px"
            borderRadius="var(--ds-radius-medium)"
            isShimmering
          />
          <div className={styles.lines}>
            <Skeleton width="70%" height="16px" isShimmering />
            <Skeleton width="40%" height="12px" isShimmering />
          </div>
        </div>
      ))}
    </div>
  );
}
