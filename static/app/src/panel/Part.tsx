// One part of a box: what it is about on the left, and beside it, or below where it is narrow, what.

import type { ReactNode } from 'react';

import styles from './Part.module.css';

type Props = { icon: ReactNode; title: string; children: ReactNode };

export function Part({ icon, title, children }: Props) {
  return (
    <section className={styles.part}>
      <h4>
        {icon}
        {title}
      </h4>
      <div className={styles.content}>{children}</div>
    </section>
  );
}
