// Asks once more, and for a reason, before a whole run is paused, stopped, undone or done again.

import Button from '@atlaskit/button/new';
import Textfield from '@atlaskit/textfield';
import { useId, useState, type FormEvent, type ReactNode } from 'react';

import { useAction } from '../api/useAction';
import { Trouble } from '../parts/Trouble';
import { t } from '../words/words';
import styles from './RunOrder.module.css';

export type Order = 'pause' | 'cancel' | 'undo' | 'rerun';

const TONES = { pause: 'primary', cancel: 'danger', undo: 'warning', rerun: 'warning' } as const;
/** The longest reason the backend takes. */
const REASON_MAX = 1_000;

type Props = {
  order: Order;
  onGive: (reason: string) => Promise<void>;
  onLeave: () => void;
  children?: ReactNode;
};

export function RunOrder({ order, onGive, onLeave, children }: Props) {
  const id = useId();
  const [reason, setReason] = useState('');
  const { run: give, busy, error } = useAction(onGive);
  // Only what cannot be taken back needs a reason.
  const needed = order === 'cancel';

  function submit(event: FormEvent) {
    event.preventDefault();
    void give(reason.trim());
  }

  return (
    <form
      className={styles.order}
      data-order={order}
      aria-labelledby={`${id}-title`}
      onSubmit={submit}
    >
      <h3 id={`${id}-title`}>{t(`${order}.title`)}</h3>
      <p>{t(`${order}.about`)}</p>
      {children}
      {error ? <Trouble error={error} /> : null}
      <label htmlFor={`${id}-reason`}>{t(needed ? 'order.why' : 'order.why_if')}</label>
      <Textfield
        id={`${id}-reason`}
        isRequired={needed}
        autoFocus
        maxLength={REASON_MAX}
        placeholder={t(`${order}.example`)}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <div className={styles.buttons}>
        <Button
          type="submit"
          appearance={TONES[order]}
          isLoading={busy}
          isDisabled={needed && !reason.trim()}
        >
          {t(`${order}.confirm`)}
        </Button>
        <Button appearance="subtle" onClick={onLeave}>
          {t(`${order}.leave`)}
        </Button>
      </div>
    </form>
  );
}
