// One connection: whether it works, and what it needs.

import Button from '@atlaskit/button/new';
import Lozenge from '@atlaskit/lozenge';
import { useState } from 'react';

import {
  checkConnection,
  removeConnection,
  saveConnection,
  type ConnectionRow,
  type ConnectionStatus,
} from '../api/admin';
import { useAction } from '../api/useAction';
import { SystemTile } from '../parts/SystemTile';
import { Trouble } from '../parts/Trouble';
import type { Tone } from '../words/labels';
import { useMoments } from '../words/MomentsContext';
import { t } from '../words/words';
import styles from './Card.module.css';
import { ConnectionForm } from './ConnectionForm';
import { RemoveQuestion } from './RemoveQuestion';

const TONES: Record<ConnectionStatus, Tone> = {
  not_connected: 'neutral',
  not_checked: 'information',
  connected: 'success',
  unhealthy: 'danger',
};

type Props = { row: ConnectionRow; now: number; onChanged: (row: ConnectionRow) => void };

export function ConnectionCard({ row, now, onChanged }: Props) {
  const [mode, setMode] = useState<'closed' | 'edit' | 'remove'>('closed');
  const isSet = row.status !== 'not_connected';
  const close = () => setMode('closed');

  const save = useAction(async (values: Record<string, string>) => {
    onChanged(await saveConnection(row.tool, values));
    close();
  });
  const check = useAction(async () => onChanged(await checkConnection(row.tool)));
  const remove = useAction(async () => {
    onChanged(await removeConnection(row.tool));
    close();
  });
  const error = save.error ?? check.error ?? remove.error;

  return (
    <article className={styles.card} aria-label={row.name}>
      <header className={styles.head}>
        <SystemTile system={row.tool} size="large" />
        <div className={styles.what}>
          <h3>
            {row.name} <Lozenge appearance={TONES[row.status]}>{t(`admin.${row.status}`)}</Lozenge>
          </h3>
          <p>{row.about}</p>
          <Health row={row} now={now} />
        </div>
        {mode === 'closed' ? (
          <div className={styles.actions}>
            {isSet ? (
              <Button spacing="compact" isLoading={check.busy} onClick={() => void check.run()}>
                {t('admin.test')}
              </Button>
            ) : null}
            <Button
              spacing="compact"
              appearance={isSet ? 'subtle' : 'default'}
              aria-label={`${t(isSet ? 'admin.edit' : 'admin.connect')}: ${row.name}`}
              onClick={() => setMode('edit')}
            >
              {t(isSet ? 'admin.edit' : 'admin.connect')}
            </Button>
          </div>
        ) : null}
      </header>
      {error ? <Trouble error={error} /> : null}
      {mode === 'edit' ? (
        <ConnectionForm
          row={row}
          busy={save.busy}
          onSave={(values) => void save.run(values)}
          onCancel={close}
          onRemove={isSet ? () => setMode('remove') : null}
        />
      ) : null}
      {mode === 'remove' ? (
        <RemoveQuestion busy={remove.busy} onRemove={() => void remove.run()} onKeep={close} />
      ) : null}
    </article>
  );
}

function Health({ row, now }: { row: ConnectionRow; now: number }) {
  const moments = useMoments();
  if (!row.detail && !row.checked_at) return null;
  return (
    <p className={styles.health} data-bad={row.status === 'unhealthy' || undefined}>
      {row.detail}
      {row.held_until ? (
        <span title={moments.full(row.held_until)}>
          {' · '}
          {row.held_until > now
            ? t('admin.held', { time: moments.distance(row.held_until, now) })
            : t('admin.probing')}
        </span>
      ) : null}
      {row.checked_at ? (
        <span title={moments.full(row.checked_at)}>
          {row.detail ? ' · ' : ''}
          {t('admin.checked', {
            time: moments.distance(row.checked_at, Math.max(now, row.checked_at)),
          })}
        </span>
      ) : null}
    </p>
  );
}
