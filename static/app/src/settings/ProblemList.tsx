// What is wrong with the flow: where, what, and what to do about it; a press leads there.

import ErrorIcon from '@atlaskit/icon/core/status-error';
import WarningIcon from '@atlaskit/icon/core/status-warning';
import SuccessIcon from '@atlaskit/icon/core/status-success';

import type { Problem } from '../api/generated';
import { Said } from '../parts/Said';
import { t } from '../words/words';
import styles from './ProblemList.module.css';
import type { Place } from './source';
import type { Check } from './useCheck';

export type Located = Problem & { place: Place };

type Props = { problems: Located[]; state: Check['state']; onJump: (place: Place) => void };

export function ProblemList({ problems, state, onJump }: Props) {
  return (
    <section className={styles.list} aria-labelledby="problems-title">
      <header>
        <h2 id="problems-title">{t('editor.problems')}</h2>
        <span role="status">{summary(problems.length, state)}</span>
      </header>
      {state === 'checked' && problems.length === 0 ? (
        <p className={styles.none}>
          <SuccessIcon label="" color="var(--ds-icon-success)" /> {t('editor.none')}
        </p>
      ) : null}
      <ol>
        {problems.map((problem, i) => (
          <li key={`${problem.at} ${problem.code} ${i}`}>
            <button type="button" onClick={() => onJump(problem.place)}>
              {problem.severity === 'error' ? (
                <ErrorIcon label={t('editor.error')} color="var(--ds-icon-danger)" />
              ) : (
                <WarningIcon label={t('editor.warning')} color="var(--ds-icon-warning)" />
              )}
              <span>
                <Said text={problem.message} />
                {problem.hint ? (
                  <span className={styles.hint}>
                    <Said text={problem.hint} />
                  </span>
                ) : null}
                <span className={styles.place}>
                  {t('editor.place', { line: problem.place.line })}
                  {problem.at ? ` · ${problem.at.slice(1)}` : ''}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function summary(problems: number, state: Check['state']): string {
  if (state === 'checking') return t('editor.checking');
  if (state === 'failed') return t('editor.not_checked');
  return problems === 0 ? t('editor.valid') : String(problems);
}
