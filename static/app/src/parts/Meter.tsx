// A short bar for a per cent value; the words beside it say the same.

import styles from './Meter.module.css';

export function Meter({ percent, label }: { percent: number; label: string }) {
  return (
    <p className={styles.meter}>
      <span className={styles.bar} aria-hidden="true">
        <span style={{ width: `${percent}%` }} />
      </span>
      {label}
    </p>
  );
}
