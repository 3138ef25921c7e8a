// Asks once more before a run is stopped for good.

import Button from '@atlaskit/button/new';
import Textfield from '@atlaskit/textfield';
import { useState, type FormEvent } from 'react';

import { useAction } from '../api/useAction';
import { Trouble } from '../parts/Trouble';
import { t } from '../words/words';
import styles from './StopRun.module.css';

type Props = { onStop: (reason: string) => Promise<void>; onKeep: () => void };

export function StopRun({ onStop, onKeep }: Props) {
  const [reason, setReason] = useState('');
  const { run: stop, busy, error } = useAction(onStop);

  function submit(event: FormEvent) {
    event.preventDefault();
    void stop(reason.trim());
  }

  return (
    <form className={styles.stop} aria-labelledby="stop-title" onSubmit={submit}>
      <h3 id="stop-title">{t('run.stop_title')}</h3>
      <p>{t('run.stop_about')}</p>
      {error ? <Trouble error={error} /> : null}
      <label htmlFor="stop-reason">{t('run.stop_reason')}</label>
      <Textfield
        id="stop-reason"
        isRequired
        autoFocus
        placeholder={t('run.stop_reason_example')}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <div className={styles.buttons}>
        <Button type="submit" appearance="danger" isLoading={busy} isDisabled={!reason.trim()}>
          {t('run.stop_confirm')}
        </Button>
        <Button appearance="subtle" onClick={onKeep}>
          {t('run.stop_keep')}
        </Button>
      </div>
    </form>
  );
}
