// How a write left: its key, its outcome, how often it was tried, what came back.

import { useState } from 'react';

import type { Did } from '../api/generated';
import { CopyButton } from '../parts/CopyButton';
import { elapsed } from '../words/moments';
import { count, t } from '../words/words';
import styles from './EffectFoot.module.css';
import { UndoWrite } from './UndoWrite';

export function EffectFoot({ did, tookMs }: { did: Did; tookMs: number | null }) {
  const [showOutput, setShowOutput] = useState(false);
  const hasOutput = did.output !== null && did.output !== undefined;
  return (
    <footer className={styles.foot}>
      <ul>
        <li data-outcome={did.outcome}>{t(`outcome.${did.outcome}`)}</li>
        {did.attempts > 1 ? <li>{count('timeline.tries', did.attempts)}</li> : null}
        {tookMs === null ? null : <li>{t('timeline.took', { time: elapsed(tookMs) })}</li>}
        <li>{t(`once.${did.once}`)}</li>
        <li className={styles.key}>
          <code>{did.effect_key}</code>
          <CopyButton text={did.effect_key} label={`${t('app.copy')}: ${did.effect_key}`} />
        </li>
        {hasOutput ? (
          <li>
            <button
              type="button"
              aria-expanded={showOutput}
              onClick={() => setShowOutput(!showOutput)}
            >
              {t('timeline.output')}
            </button>
          </li>
        ) : null}
      </ul>
      <UndoWrite did={did} />
      {showOutput ? <pre tabIndex={0}>{JSON.stringify(did.output, null, 2)}</pre> : null}
    </footer>
  );
}
