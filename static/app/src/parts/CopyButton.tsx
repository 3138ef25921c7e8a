// A text that can be copied with one press.

import CheckIcon from '@atlaskit/icon/core/check-mark';
import CopyIcon from '@atlaskit/icon/core/copy';
import { useEffect, useState } from 'react';

import { t } from '../words/words';
import styles from './CopyButton.module.css';

type Props = {
  text: string;
  label: string;
  /** Whether the label is written beside the icon. */
  labelled?: boolean;
};

export function CopyButton({ text, label, labelled = false }: Props) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button
      type="button"
      className={styles.button}
      title={copied ? t('app.copied') : label}
      aria-label={copied ? t('app.copied') : label}
      onClick={() => void copy(text).then(setCopied)}
    >
      {copied ? <CheckIcon label="" size="small" /> : <CopyIcon label="" size="small" />}
      {labelled ? <span className={styles.label}>{copied ? t('app.copied') : label}</span> : null}
    </button>
  );
}

/** Frames may lack the clipboard permission; then the old way is the only one. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    area.style.opacity = '0';
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
