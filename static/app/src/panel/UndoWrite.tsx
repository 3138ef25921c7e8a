// Whether one write was, can be or cannot be taken back, and the button that does it.

import Button from '@atlaskit/button/new';
import Lozenge from '@atlaskit/lozenge';
import { useContext } from 'react';

import type { Did } from '../api/generated';
import { useAction } from '../api/useAction';
import { Said } from '../parts/Said';
import { Trouble } from '../parts/Trouble';
import { t } from '../words/words';
import styles from './EffectFoot.module.css';
import { canUndo, UndoContext } from './writes';

export function UndoWrite({ did }: { did: Did }) {
  const undo = useContext(UndoContext);
  const { run, busy, error } = useAction(async () => undo?.([did.effect_key]));
  if (!did.undo) return null;
  return (
    <div className={styles.undo}>
      {did.undo.state === 'done' ? <Lozenge>{t('undo.done')}</Lozenge> : null}
      {did.undo.state === 'impossible' ? (
        <p>
          <Said
            text={t(did.undo.again ? 'undo.could_not' : 'undo.cannot', { why: did.undo.why })}
          />
        </p>
      ) : null}
      {undo && canUndo(did) ? (
        <Button appearance="subtle" spacing="compact" isLoading={busy} onClick={() => void run()}>
          {t(did.undo.state === 'possible' ? 'undo.one' : 'undo.again')}
        </Button>
      ) : null}
      {error ? <Trouble error={error} /> : null}
    </div>
  );
}
