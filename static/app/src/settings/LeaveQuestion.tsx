// Asks before unsaved words are thrown away.

import Button from '@atlaskit/button/new';

import { Notice } from '../parts/Notice';
import { t } from '../words/words';
import styles from './LeaveQuestion.module.css';

export function LeaveQuestion({ onLeave, onStay }: { onLeave: () => void; onStay: () => void }) {
  return (
    <Notice tone="warning" title={t('editor.leave_title')}>
      <p>{t('editor.leave_about')}</p>
      <div className={styles.buttons}>
        <Button appearance="warning" spacing="compact" onClick={onLeave}>
          {t('editor.leave')}
        </Button>
        <Button appearance="subtle" spacing="compact" autoFocus onClick={onStay}>
          {t('editor.stay')}
        </Button>
      </div>
    </Notice>
  );
}
