// How far a step is, by shape and by colour.

import type { StepState } from '../api/generated';
import { stepLabel } from '../words/labels';
import styles from './StatusIcon.module.css';

const GLYPHS: Record<StepState, JSX.Element> = {
  done: <path className={styles.ink} d="M4.8 8.2l2.2 2.2 4.2-4.6" />,
  adapted: <path className={styles.ink} d="M5 11V8.6C5 7.4 5.9 6.6 7 6.6h4M9 4.4l2.2 2.2L9 8.8" />,
  waiting: <path className={styles.ink} d="M6.4 5.4v5.2M9.6 5.4v5.2" />,
  failed: <path className={styles.ink} d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" />,
  skipped: <path className={styles.ink} d="M5 8h6" />,
  planned: <circle className={styles.dashed} cx="8" cy="8" r="6.2" />,
  running: (
    <>
      <circle className={styles.track} cx="8" cy="8" r="5.8" />
      <path className={styles.arc} d="M8 2.2A5.8 5.8 0 0 1 13.8 8" />
    </>
  ),
};

const isOutline = (state: StepState): boolean => state === 'planned' || state === 'running';

type Props = { state: StepState; size?: number; label?: string };

export function StatusIcon({ state, size = 16, label = stepLabel(state) }: Props) {
  return (
    <svg
      className={`${styles.icon} ${styles[state]}`}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      role={label ? 'img' : undefined}
      aria-label={label || undefined}
      aria-hidden={label ? undefined : true}
    >
      {isOutline(state) ? null : <circle className={styles.disc} cx="8" cy="8" r="7" />}
      {GLYPHS[state]}
    </svg>
  );
}
