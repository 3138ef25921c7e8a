// The ways on for a call that waits for a person: one button each, and room for a reason.

import Button from '@atlaskit/button/new';
import Textfield from '@atlaskit/textfield';
import { useId, useState } from 'react';

import type { Way, WayView } from '../api/generated';
import { useAction } from '../api/useAction';
import { Trouble } from '../parts/Trouble';
import { t } from '../words/words';
import styles from './QuestionCard.module.css';

/** The longest reason the backend takes. */
const REASON_MAX = 1_000;

type Props = { ways: WayView[]; onWay: (way: Way, reason: string) => Promise<void> };

export function WaysOn({ ways, onWay }: Props) {
  const id = useId();
  const [reason, setReason] = useState('');
  const [chosen, setChosen] = useState<Way | null>(null);
  const { run: go, busy, error } = useAction(onWay);

  function choose(way: Way) {
    setChosen(way);
    void go(way, reason.trim());
  }

  return (
    <div className={styles.ways}>
      {error ? <Trouble error={error} /> : null}
      <div className={styles.reason}>
        <label htmlFor={id}>{t('question.reason')}</label>
        <Textfield
          id={id}
          isCompact
          maxLength={REASON_MAX}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </div>
      <div className={styles.buttons}>
        {ways.map(({ way, label }, i) => (
          <Button
            key={way}
            appearance={i === 0 ? 'primary' : way === 'stop' ? 'subtle' : 'default'}
            isLoading={busy && chosen === way}
            isDisabled={busy && chosen !== way}
            onClick={() => choose(way)}
          >
            {label}
          </Button>
        ))}
      </div>
    </div>
  );
}
