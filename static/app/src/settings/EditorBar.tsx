// The bar above the editor: back, which flow, which version, save, on or off.

import Button, { IconButton } from '@atlaskit/button/new';
import ArrowLeftIcon from '@atlaskit/icon/core/arrow-left';
import Lozenge from '@atlaskit/lozenge';
import Toggle from '@atlaskit/toggle';

import type { FlowDocument } from '../api/settings';
import { t } from '../words/words';
import styles from './EditorBar.module.css';

type Props = {
  name: string;
  saved: FlowDocument | null;
  dirty: boolean;
  canSave: boolean;
  busy: boolean;
  onBack: () => void;
  onSave: () => void;
  onTurn: (on: boolean) => void;
};

export function EditorBar({ name, saved, dirty, canSave, busy, onBack, onSave, onTurn }: Props) {
  return (
    <header className={styles.bar}>
      <IconButton
        icon={ArrowLeftIcon}
        label={t('editor.back')}
        appearance="subtle"
        isTooltipDisabled
        onClick={onBack}
      />
      <h1>{name || t('editor.new')}</h1>
      {saved ? <Lozenge>{t('editor.version', { version: saved.version })}</Lozenge> : null}
      <span className={styles.state} role="status">
        {t(!saved ? 'editor.unsaved' : dirty ? 'editor.changed' : 'editor.saved')}
      </span>
      <div className={styles.actions}>
        {saved ? (
          <span className={styles.turn} title={dirty ? t('editor.save_first') : undefined}>
            <label htmlFor="flow-on">{t(saved.enabled ? 'editor.is_on' : 'editor.is_off')}</label>
            <Toggle
              id="flow-on"
              isChecked={saved.enabled}
              isDisabled={dirty && !saved.enabled}
              onChange={(event) => onTurn(event.currentTarget.checked)}
            />
          </span>
        ) : null}
        <Button appearance="primary" isDisabled={!canSave} isLoading={busy} onClick={onSave}>
          {t('editor.save')}
        </Button>
      </div>
    </header>
  );
}
