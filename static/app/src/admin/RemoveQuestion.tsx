// Asks before credentials are deleted.

import Button from '@atlaskit/button/new';

import { Notice } from '../parts/Notice';
import { t } from '../words/words';
import styles from './Card.module.css';

type Props = { busy: boolean; onRemove: () => void; onKeep: () => void };

export function RemoveQuestion({ busy, onRemove, onKeep }: Props) {
  return (
    <Notice tone="warning" title={t('admin.remove_title')}>
      <p>{t('admin.remove_about')}</p>
      <div className={styles.buttons}>
        <Button appearance="danger" spacing="compact" isLoading={busy} onClick={onRemove}>
          {t('admin.remove_confirm')}
        </Button>
        <Button appearance="subtle" spacing="compact" autoFocus onClick={onKeep}>
          {t('app.cancel')}
        </Button>
      </div>
    </Notice>
  );
}
