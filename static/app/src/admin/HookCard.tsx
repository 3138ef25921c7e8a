// One incoming webhook: the address to give the tool, and the secret it signs with.

import Button from '@atlaskit/button/new';
import Lozenge from '@atlaskit/lozenge';
import Textfield from '@atlaskit/textfield';
import { useId, useState, type FormEvent } from 'react';

import { saveHook, type HookRow } from '../api/admin';
import { useAction } from '../api/useAction';
import { CopyButton } from '../parts/CopyButton';
import { SystemTile } from '../parts/SystemTile';
import { Trouble } from '../parts/Trouble';
import { t } from '../words/words';
import styles from './Card.module.css';

export function HookCard({ row, onChanged }: { row: HookRow; onChanged: (row: HookRow) => void }) {
  const [secret, setSecret] = useState('');
  const id = useId();
  const save = useAction(async () => {
    onChanged(await saveHook(row.tool, secret));
    setSecret('');
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    void save.run();
  }

  return (
    <article className={styles.card} aria-label={row.name}>
      <header className={styles.head}>
        <SystemTile system={row.tool} size="large" />
        <div className={styles.what}>
          <h3>
            {row.name}{' '}
            <Lozenge appearance={row.set ? 'success' : 'neutral'}>
              {t(row.set ? 'admin.hook_set' : 'admin.hook_unset')}
            </Lozenge>
          </h3>
          <p>{row.about}</p>
        </div>
      </header>
      <div className={styles.field}>
        <span className={styles.label}>{t('admin.url')}</span>
        <div className={styles.url}>
          <code>{row.url}</code>
          <CopyButton text={row.url} label={`${t('admin.copy_url')}: ${row.name}`} />
        </div>
      </div>
      {save.error ? <Trouble error={save.error} /> : null}
      <form className={styles.field} autoComplete="off" onSubmit={submit}>
        <label htmlFor={id}>{t('admin.secret')}</label>
        <div className={styles.url}>
          <Textfield
            id={id}
            type="password"
            autoComplete="new-password"
            placeholder={row.set ? '••••••••' : ''}
            value={secret}
            onChange={(event) => setSecret(event.currentTarget.value)}
          />
          <Button type="submit" isLoading={save.busy} isDisabled={!secret.trim()}>
            {t(row.set ? 'admin.hook_replace' : 'admin.hook_save')}
          </Button>
        </div>
        <p>{t(row.set ? 'admin.secret_set' : 'admin.secret_unset')}</p>
      </form>
    </article>
  );
}
