// What an answer would mean: can it be undone, who is asked, and what exactly is approved.

import type { ApprovalView } from '../api/generated';
import { personLabel } from '../words/labels';
import { t } from '../words/words';
import styles from './RiskRow.module.css';

const SHORT_HASH = 8;

export function RiskRow({ asked }: { asked: ApprovalView }) {
  const hash = asked.payload_hash.slice(0, SHORT_HASH);
  return (
    <dl className={styles.row}>
      <div>
        <dt>{t('approval.undo')}</dt>
        <dd data-grave={asked.reversibility === 'irreversible' || undefined}>
          {t(`reversibility.${asked.reversibility}`)}
        </dd>
      </div>
      <div>
        <dt>{t('approval.asked')}</dt>
        <dd>{personLabel(asked)}</dd>
      </div>
      <div title={t('approval.bound_about')}>
        <dt>{t('approval.bound')}</dt>
        <dd>{t('approval.bound_value', { hash })}</dd>
      </div>
      <div>
        <dt>{t('approval.operation')}</dt>
        <dd>
          <code>{asked.operation}</code>
        </dd>
      </div>
    </dl>
  );
}
