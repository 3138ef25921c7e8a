// A decision with its reasons: the answer, why, what proves it, and what else was possible.

import type { Change, Decided, Saw } from '../api/generated';
import { Meter } from '../parts/Meter';
import { Numbers } from '../parts/Numbers';
import { Changes } from '../parts/Changes';
import { isObject } from '../words/changes';
import { choiceLabel } from '../words/labels';
import { t } from '../words/words';
import styles from './Decision.module.css';
import { numberEvidence } from './evidence';

type Props = { decided: Decided; saw: Saw[] };

export function Decision({ decided, saw }: Props) {
  const quotes = numberEvidence(decided.evidence, saw);
  return (
    <>
      <p>
        {decided.reasons} <Numbers of={[...new Set(quotes.map(({ n }) => n))]} />
      </p>
      <Changes of={answerFields(decided.answer)} />
      {decided.confidence === null ? null : (
        <Meter
          percent={decided.confidence}
          label={t('timeline.estimate', { percent: decided.confidence })}
        />
      )}
      {decided.raised.length > 0 ? (
        <Listed title={t('timeline.raised')} of={decided.raised} />
      ) : null}
      {decided.alternatives.length > 0 ? (
        <Listed title={t('timeline.considered')} of={decided.alternatives} />
      ) : null}
      {quotes.length > 0 ? (
        <ul className={styles.quotes}>
          {quotes.map(({ n, quote, source }) => (
            <li key={n + quote}>
              <Numbers of={[n]} />
              <span>
                <q>{quote}</q> <cite>{source}</cite>
              </span>
            </li>
          ))}
        </ul>
      ) : null}
      <p className={styles.by}>{t('timeline.by', { by: decided.by })}</p>
    </>
  );
}

/** Objects inside an answer become fields of their own: `relation kind`, `relation key`. */
function answerFields(answer: Record<string, unknown>, within = ''): Change[] {
  return Object.entries(answer).flatMap(([key, value]) => {
    const field = within ? `${within} ${key}` : key;
    if (isObject(value)) return answerFields(value, field);
    return [{ field, before: null, after: plain(value), provenance: [] }];
  });
}

const plain = (value: unknown): unknown => (typeof value === 'string' ? choiceLabel(value) : value);

function Listed({ title, of }: { title: string; of: string[] }) {
  return (
    <div className={styles.listed}>
      <p>{title}</p>
      <ul>
        {of.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </div>
  );
}
