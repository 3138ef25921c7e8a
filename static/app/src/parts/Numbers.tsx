// Small numbers behind a claim that point at the sources below or above it.

import styles from './Numbers.module.css';

export function Numbers({ of }: { of: number[] }) {
  return of.map((n) => (
    <span key={n} className={styles.number}>
      {n}
    </span>
  ));
}
