// A "no" needs a reason: the next person, and the flow's author, will want it.

import Button from '@atlaskit/button/new';
import Textarea from '@atlaskit/textarea';
import { useId, useState, type FormEvent } from 'react';

import { t } from '../words/words';
import styles from './AnswerForm.module.css';

type Props = { onReject: (reason: string) => void; onCancel: () => void };

export function RejectForm({ onReject, onCancel }: Props) {
  const [reason, setReason] = useState('');
  const id = useId();

  function submit(event: FormEvent) {
    event.preventDefault();
    onReject(reason.trim());
  }

  return (
    <form className={styles.form} onSubmit={submit}>
      <label htmlFor={id}>{t('approval.reject_title')}</label>
      <Textarea
        id={id}
        isRequired
        autoFocus
        minimumRows={2}
        maxHeight="320px"
        aria-describedby={`${id}-about`}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <p id={`${id}-about`}>{t('approval.reject_about')}</p>
      <div className={styles.buttons}>
        <Button type="submit" appearance="danger" isDisabled={!reason.trim()}>
          {t('approval.reject_confirm')}
        </Button>
        <Button appearance="subtle" onClick={onCancel}>
          {t('app.cancel')}
        </Button>
      </div>
    </form>
  );
}
