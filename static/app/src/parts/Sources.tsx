// Numbered chips of where something is known from; each opens what it says.

import { useId, useState, type ReactNode } from 'react';

import styles from './Sources.module.css';
import { SystemTile } from './SystemTile';

export type Source = {
  n: number;
  system: string;
  title: string;
  mark?: ReactNode;
  says: ReactNode;
};

export function Sources({ of }: { of: Source[] }) {
  const [open, setOpen] = useState<number | null>(null);
  const id = useId();
  const shown = of.find(({ n }) => n === open);
  return (
    <div>
      <ul className={styles.chips}>
        {of.map(({ n, system, title, mark }) => (
          <li key={n}>
            <button
              type="button"
              className={styles.chip}
              aria-expanded={n === open}
              aria-controls={n === open ? id : undefined}
              onClick={() => setOpen(n === open ? null : n)}
            >
              <span className={styles.n}>{n}</span>
              <SystemTile system={system} size="small" />
              <span className={styles.title}>{title}</span>
              {mark}
            </button>
          </li>
        ))}
      </ul>
      {shown ? (
        <div id={id} className={styles.says}>
          {shown.says}
        </div>
      ) : null}
    </div>
  );
}
