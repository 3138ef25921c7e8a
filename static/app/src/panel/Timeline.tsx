// What happened, newest first, then what is still planned.

import Button from '@atlaskit/button/new';
import { useState } from 'react';

import type { RunView } from '../api/generated';
import { StatusIcon } from '../parts/StatusIcon';
import { SystemTile } from '../parts/SystemTile';
import { count, t } from '../words/words';
import { FILTERS, firstOpen, passes, type Filter } from './choose';
import styles from './Timeline.module.css';
import { TimelineEntry } from './TimelineEntry';

const PAGE = 50;
/** No entry's place. */
const CLOSED = -1;

export function Timeline({ run, now }: { run: RunView; now: number }) {
  const [filter, setFilter] = useState<Filter>('all');
  const [shown, setShown] = useState(PAGE);
  // Until a person chooses, the open entry follows the run; then it stays as chosen. Entries are
  // known by their place: several can come of one event, and none ever moves.
  const [chosen, setChosen] = useState<number | null>(null);
  const open = chosen ?? firstOpen(run.timeline);
  const entries = run.timeline
    .map((entry, place) => ({ entry, place }))
    .filter(({ entry }) => passes(filter, entry))
    .reverse();
  const hidden = entries.length - shown;
  return (
    <section className={styles.timeline} aria-labelledby="timeline-title">
      <header className={styles.head}>
        <h3 id="timeline-title">{t('timeline.title')}</h3>
        <FilterBar value={filter} onChoose={setFilter} />
      </header>
      <p className={styles.spoken} aria-live="polite">
        {run.timeline.at(-1)?.text}
      </p>
      {entries.length === 0 ? <p className={styles.none}>{t('timeline.none')}</p> : null}
      <ol className={styles.entries}>
        {entries.slice(0, shown).map(({ entry, place }, i, all) => (
          <TimelineEntry
            key={place}
            entry={entry}
            now={now}
            last={i === all.length - 1 && hidden <= 0 && run.planned.length === 0}
            title={run.strip.find(({ step }) => step === entry.step)?.title ?? ''}
            open={open === place}
            onToggle={() => setChosen(open === place ? CLOSED : place)}
          />
        ))}
      </ol>
      {hidden > 0 ? (
        <Button appearance="subtle" onClick={() => setShown(shown + PAGE)}>
          {count('timeline.earlier', Math.min(hidden, PAGE))}
        </Button>
      ) : null}
      {filter === 'all' && run.planned.length > 0 ? <PlannedSteps of={run.planned} /> : null}
    </section>
  );
}

function FilterBar({ value, onChoose }: { value: Filter; onChoose: (filter: Filter) => void }) {
  return (
    <div className={styles.filter} role="group" aria-label={t('timeline.filter')}>
      {FILTERS.map((filter) => (
        <button
          key={filter}
          type="button"
          aria-pressed={filter === value}
          onClick={() => onChoose(filter)}
        >
          {t(`timeline.${filter}`)}
        </button>
      ))}
    </div>
  );
}

function PlannedSteps({ of }: { of: RunView['planned'] }) {
  return (
    <ol className={styles.planned} aria-label={t('timeline.planned')}>
      {of.map(({ step, title, system, note }, i) => (
        <li key={step}>
          <SystemTile system={system} faded />
          <StatusIcon state="planned" />
          <div>
            <p>
              {t('timeline.next_step', {
                when: t(i === 0 ? 'timeline.next' : 'timeline.then'),
                title,
              })}
            </p>
            {note ? <p className={styles.note}>{note}</p> : null}
          </div>
        </li>
      ))}
    </ol>
  );
}
