// What somebody needs who goes on where a run could not: what to do, what is missing, done, known.

import ArrowRightIcon from '@atlaskit/icon/core/arrow-right';
import CheckIcon from '@atlaskit/icon/core/check-mark';
import EyeIcon from '@atlaskit/icon/core/eye-open';
import MissingIcon from '@atlaskit/icon/core/status-warning';
import { useId, useState, type ReactNode } from 'react';

import type { Done, HandOff as Packet, RunView, Saw } from '../api/generated';
import { CopyButton } from '../parts/CopyButton';
import { Said } from '../parts/Said';
import { SystemTile } from '../parts/SystemTile';
import { useMoments } from '../words/MomentsContext';
import { count, t } from '../words/words';
import styles from './HandOff.module.css';
import { handOffText, undoLabel } from './handOff';
import { Part } from './Part';

/** How much of a long list shows at a glance. */
const GLANCE = 5;

export function HandOff({ run, handOff, now }: { run: RunView; handOff: Packet; now: number }) {
  const moments = useMoments();
  const id = useId();
  const { known, done, missing, suggestion } = handOff;
  return (
    <section className={styles.box} aria-labelledby={id}>
      <header className={styles.head}>
        <h3 id={id}>{t('hand_off.title')}</h3>
        <CopyButton text={handOffText(run, handOff, moments)} label={t('hand_off.copy')} labelled />
      </header>
      <Part icon={<ArrowRightIcon label="" size="small" />} title={t('hand_off.next')}>
        <p>{suggestion}</p>
      </Part>
      {missing.length > 0 ? (
        <Part icon={<MissingIcon label="" size="small" />} title={t('hand_off.missing')}>
          <List of={missing} glance={GLANCE} />
        </Part>
      ) : null}
      {done.length > 0 ? (
        <Part icon={<CheckIcon label="" size="small" />} title={t('hand_off.done')}>
          <List
            of={done.map((write) => (
              <Write {...write} />
            ))}
            glance={GLANCE}
          />
        </Part>
      ) : null}
      {known.length > 0 ? (
        <Part icon={<EyeIcon label="" size="small" />} title={t('hand_off.known')}>
          <List
            of={known.map((saw) => (
              <Fact {...saw} now={now} />
            ))}
            glance={0}
          />
        </Part>
      ) : null}
    </section>
  );
}

/** The first of a list, and a way to the rest. */
function List({ of, glance }: { of: ReactNode[]; glance: number }) {
  const [all, setAll] = useState(of.length <= glance);
  const id = useId();
  const shown = all ? of : of.slice(0, glance);
  return (
    <>
      {shown.length > 0 ? (
        <ul id={id} className={styles.list}>
          {shown.map((one, i) => (
            <li key={i}>{one}</li>
          ))}
        </ul>
      ) : null}
      {of.length > glance ? (
        <button
          type="button"
          className={styles.more}
          aria-expanded={all}
          aria-controls={shown.length > 0 ? id : undefined}
          onClick={() => setAll(!all)}
        >
          {all ? t('hand_off.less') : count('hand_off.all', of.length)}
        </button>
      ) : null}
    </>
  );
}

function Write({ title, operation, undo }: Done) {
  return (
    <div className={styles.row}>
      <SystemTile system={operation.split('.')[0] ?? ''} size="small" />
      <div>
        <p>{title}</p>
        <p className={styles.quiet}>
          <Said text={undoLabel(undo)} />
        </p>
      </div>
    </div>
  );
}

function Fact({
  fact,
  source,
  system,
  summary,
  observed_at,
  untrusted,
  now,
}: Saw & { now: number }) {
  const moments = useMoments();
  const from = [source, t('timeline.observed_at', { time: moments.distance(observed_at, now) })];
  if (untrusted) from.push(t('timeline.untrusted'));
  return (
    <div className={styles.row}>
      <SystemTile system={system} size="small" />
      <div>
        <p>
          <strong>{fact}</strong> {summary}
        </p>
        <p className={styles.quiet} title={moments.full(observed_at)}>
          {from.join(' · ')}
        </p>
      </div>
    </div>
  );
}
