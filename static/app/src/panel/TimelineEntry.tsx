// One line of the timeline; it opens to what was seen, decided and done.

import ChevronDownIcon from '@atlaskit/icon/core/chevron-down';
import ChevronRightIcon from '@atlaskit/icon/core/chevron-right';
import Lozenge from '@atlaskit/lozenge';
import { useId } from 'react';

import type { Entry } from '../api/generated';
import { StatusIcon } from '../parts/StatusIcon';
import { SystemTile } from '../parts/SystemTile';
import { systemLabel } from '../words/labels';
import { useMoments } from '../words/MomentsContext';
import { t } from '../words/words';
import { hasMore } from './choose';
import { EntryBody } from './EntryBody';
import styles from './TimelineEntry.module.css';

type Props = {
  entry: Entry;
  /** The title of its step. */
  title: string;
  now: number;
  /** Whether nothing older follows. */
  last: boolean;
  open: boolean;
  onToggle: () => void;
};

export function TimelineEntry({ entry, title, now, last, open, onToggle }: Props) {
  const moments = useMoments();
  const more = hasMore(entry);
  const id = useId();
  return (
    <li className={styles.entry} data-last={last || undefined}>
      <SystemTile system={entry.system} />
      <StatusIcon state={entry.state} />
      <div className={styles.line}>
        <div className={styles.said}>
          <p>
            <Sentence text={entry.text} names={[systemLabel(entry.system), title]} />
          </p>
          {entry.detail ? <p className={styles.detail}>{entry.detail}</p> : null}
        </div>
        <div className={styles.end}>
          {entry.adapted ? (
            <Lozenge appearance="discovery">{t('timeline.adapted_mark')}</Lozenge>
          ) : null}
          {entry.did?.undo?.state === 'done' ? <Lozenge>{t('undo.done')}</Lozenge> : null}
          <time dateTime={new Date(entry.at).toISOString()} title={moments.full(entry.at)}>
            {moments.clock(entry.at, now)}
          </time>
          {more ? (
            <button
              type="button"
              className={styles.toggle}
              aria-expanded={open}
              aria-controls={open ? id : undefined}
              aria-label={t('timeline.details_of', { text: entry.text })}
              onClick={onToggle}
            >
              {open ? (
                <ChevronDownIcon label="" size="small" />
              ) : (
                <ChevronRightIcon label="" size="small" />
              )}
            </button>
          ) : (
            <span className={styles.toggle} />
          )}
        </div>
      </div>
      {more && open ? (
        <div id={id} className={styles.body}>
          <EntryBody entry={entry} now={now} />
        </div>
      ) : null}
    </li>
  );
}

/** Who did it stands out when the sentence begins with its name. */
function Sentence({ text, names }: { text: string; names: string[] }) {
  const name = names.find((candidate) => candidate && text.startsWith(`${candidate} `));
  if (!name) return text;
  return (
    <>
      <strong>{name}</strong>
      {text.slice(name.length)}
    </>
  );
}
