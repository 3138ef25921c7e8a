// The inside of a timeline entry: Saw, Decided, Did.

import CheckIcon from '@atlaskit/icon/core/check-mark';
import EyeIcon from '@atlaskit/icon/core/eye-open';
import LightbulbIcon from '@atlaskit/icon/core/lightbulb';

import type { Entry } from '../api/generated';
import { Changes } from '../parts/Changes';
import { Sources } from '../parts/Sources';
import { StatusIcon } from '../parts/StatusIcon';
import { useMoments } from '../words/MomentsContext';
import { t } from '../words/words';
import { Decision } from './Decision';
import { EffectFoot } from './EffectFoot';
import styles from './EntryBody.module.css';
import { Part } from './Part';

export function EntryBody({ entry, now }: { entry: Entry; now: number }) {
  const { adapted, saw, decided, did } = entry;
  return (
    <div className={styles.box}>
      {adapted ? (
        <p className={styles.adapted}>
          <StatusIcon state="adapted" size={14} label="" />
          <span>{adapted}</span>
        </p>
      ) : null}
      {saw.length > 0 ? (
        <Part icon={<EyeIcon label="" size="small" />} title={t('timeline.saw')}>
          <Seen entry={entry} now={now} />
        </Part>
      ) : null}
      {decided ? (
        <Part icon={<LightbulbIcon label="" size="small" />} title={t('timeline.decided')}>
          <Decision decided={decided} saw={saw} />
        </Part>
      ) : null}
      {did ? (
        <Part icon={<CheckIcon label="" size="small" />} title={t('timeline.did')}>
          <Changes of={did.changes} />
        </Part>
      ) : null}
      {did ? <EffectFoot did={did} tookMs={entry.took_ms} /> : null}
    </div>
  );
}

function Seen({ entry: { saw }, now }: { entry: Entry; now: number }) {
  const moments = useMoments();
  return (
    <Sources
      of={saw.map((seen, i) => ({
        n: i + 1,
        system: seen.system,
        title: seen.source,
        mark: seen.untrusted ? (
          <span className={styles.untrusted} role="img" aria-label={t('timeline.untrusted')} />
        ) : null,
        says: (
          <>
            <p>{seen.summary}</p>
            <p>
              {t('timeline.observed_at', { time: moments.clock(seen.observed_at, now) })}
              {seen.untrusted ? ` · ${t('timeline.untrusted')}` : ''}
            </p>
          </>
        ),
      }))}
    />
  );
}
