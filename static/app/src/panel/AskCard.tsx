// The frame of everything a run asks a person: whose turn it is, until when, and what about.

import { useId, type ReactNode } from 'react';

import type { CallError } from '../api/call';
import { StatusIcon } from '../parts/StatusIcon';
import { SystemTile } from '../parts/SystemTile';
import { Trouble } from '../parts/Trouble';
import styles from './AskCard.module.css';

type Props = {
  /** Whether the person looking is who is asked. */
  mine: boolean;
  head: string;
  until: string;
  /** Between the head and the question, in a colour of its own. */
  again?: ReactNode;
  error: CallError | null;
  system: string;
  title: string;
  children: ReactNode;
};

export function AskCard({ mine, head, until, again, error, system, title, children }: Props) {
  const id = useId();
  return (
    <section className={styles.card} data-mine={mine} aria-labelledby={id}>
      <header className={styles.head}>
        <StatusIcon state="waiting" label="" />
        <strong>{head}</strong>
        <span className={styles.until}>{until}</span>
      </header>
      {again ? <p className={styles.again}>{again}</p> : null}
      <div className={styles.body}>
        {error ? <Trouble error={error} /> : null}
        <div className={styles.what}>
          <SystemTile system={system} />
          <h3 id={id}>{title}</h3>
        </div>
        {children}
      </div>
    </section>
  );
}
