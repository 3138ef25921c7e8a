// The steps a run can begin anew at, and what would be written once more, before anything is done.

import { useEffect, useId, useRef } from 'react';

import type { Beginning } from '../api/generated';
import { SystemTile } from '../parts/SystemTile';
import { t } from '../words/words';
import styles from './BeginningList.module.css';
import { repeatedFrom } from './beginnings';

type Props = { beginnings: Beginning[]; chosen: string; onChoose: (step: string) => void };

export function BeginningList({ beginnings, chosen, onChoose }: Props) {
  const name = useId();
  const list = useRef<HTMLDivElement>(null);
  const repeated = repeatedFrom(beginnings, chosen);
  // What is chosen at first may stand far down a long list.
  useEffect(() => {
    list.current?.querySelector(':checked')?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <>
      <fieldset className={styles.steps}>
        <legend>{t('rerun.from')}</legend>
        <div ref={list} className={styles.list}>
          {beginnings.map(({ step, title, system }) => (
            <label key={step}>
              <input
                type="radio"
                name={name}
                checked={step === chosen}
                onChange={() => onChoose(step)}
              />
              <SystemTile system={system} size="small" />
              {title}
            </label>
          ))}
        </div>
      </fieldset>
      <section className={styles.writes} aria-live="polite">
        <h4>{t(repeated.length > 0 ? 'rerun.writes' : 'rerun.no_writes')}</h4>
        <ul>
          {repeated.map(({ title, times }) => (
            <li key={title}>{times > 1 ? t('rerun.times', { title, times }) : title}</li>
          ))}
        </ul>
      </section>
    </>
  );
}
