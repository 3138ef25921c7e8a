// Shows why a call was not answered, with its hint and, if there is one, a way to try again.

import Button from '@atlaskit/button/new';

import type { CallError } from '../api/call';
import { t } from '../words/words';
import { Notice } from './Notice';
import { Said } from './Said';
import styles from './Trouble.module.css';

export function Trouble({ error, retry }: { error: CallError; retry?: () => void }) {
  return (
    <Notice tone="error" title={error.message}>
      {error.hint ? (
        <p>
          <Said text={error.hint} />
        </p>
      ) : null}
      {error.problems.length > 0 ? (
        <ul className={styles.problems}>
          {error.problems.map((problem) => (
            <li key={problem.at + problem.code}>
              <Said text={`${problem.message} ${problem.hint}`} />
            </li>
          ))}
        </ul>
      ) : null}
      {retry ? (
        <div className={styles.retry}>
          <Button spacing="compact" onClick={retry}>
            {t('app.retry')}
          </Button>
        </div>
      ) : null}
    </Notice>
  );
}
