// The small print under a run.

import type { RunView } from '../api/generated';
import { CopyButton } from '../parts/CopyButton';
import { t } from '../words/words';
import { ExportRun } from './ExportRun';
import styles from './RunFooter.module.css';

export function RunFooter({ run }: { run: RunView }) {
  return (
    <footer className={styles.footer}>
      <p>{t('panel.footer')}</p>
      <p className={styles.run}>
        {t('panel.run_id', { id: run.id })}
        <CopyButton text={run.id} label={`${t('app.copy')}: ${run.id}`} />
        <span>{t('panel.version', { version: run.flow_version })}</span>
      </p>
      <ExportRun run={run.id} />
    </footer>
  );
}
