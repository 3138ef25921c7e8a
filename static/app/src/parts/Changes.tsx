// Exactly what a write sends, field by field, beside what it replaces.

import type { Change } from '../api/generated';
import { diffLines, isDocument, isObject, same, shapeOf } from '../words/changes';
import { fieldLabel } from '../words/labels';
import { t } from '../words/words';
import styles from './Changes.module.css';
import { ProvenanceBadges } from './Provenance';
import { RichText } from './RichText';

export function Changes({ of }: { of: Change[] }) {
  const isLong = (change: Change) => ['text', 'document'].includes(shapeOf(change));
  const short = of.filter((change) => !isLong(change));
  return (
    <>
      {short.length > 0 ? (
        <dl className={styles.fields}>
          {short.map((change) => (
            <div key={change.field} className={styles.field}>
              <dt title={change.field}>{fieldLabel(change.field)}</dt>
              <dd>
                <Replaced change={change} />
                <ProvenanceBadges of={change.provenance} quiet />
              </dd>
            </div>
          ))}
        </dl>
      ) : null}
      {of.filter(isLong).map((change) => (
        <Letter key={change.field} change={change} />
      ))}
    </>
  );
}

/** `~~Working~~ → Solution offered`; nothing is struck out where nothing is replaced. */
function Replaced({ change: { before, after } }: { change: Change }) {
  const unchanged = same(before, after);
  const hadNothing = before === null || before === undefined;
  if (hadNothing || unchanged) return <Value of={after} strong />;
  return (
    <>
      <s className={styles.before}>
        <Value of={before} />
      </s>
      <span className={styles.arrow} aria-hidden="true">
        →
      </span>
      <Value of={after} strong />
    </>
  );
}

function Value({ of, strong = false }: { of: unknown; strong?: boolean }) {
  if (isObject(of)) return <Structure of={of} />;
  if (Array.isArray(of) && of.some((x) => typeof x === 'object')) {
    return of.map((item, i) => (
      <Structure key={i} of={isObject(item) ? item : { [i + 1]: item }} />
    ));
  }
  const text = Array.isArray(of) ? of.join(', ') : said(of);
  return strong ? <strong className={styles.after}>{text}</strong> : <span>{text}</span>;
}

function said(value: unknown): string {
  if (value === null || value === undefined) return t('app.none');
  if (value === '') return t('app.empty');
  if (typeof value === 'boolean') return t(value ? 'app.yes' : 'app.no');
  return String(value);
}

function Structure({ of }: { of: Record<string, unknown> }) {
  return (
    <dl className={styles.structure}>
      {Object.entries(of).map(([key, value]) => (
        <div key={key}>
          <dt>{fieldLabel(key)}</dt>
          <dd>{isDocument(value) ? <RichText document={value} /> : <Value of={value} strong />}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A text as its reader will see it, or, where it replaces one, line by line against that. */
function Letter({ change }: { change: Change }) {
  const { field, before, after, provenance } = change;
  const replaces = typeof before === 'string' && before !== '' && typeof after === 'string';
  return (
    <figure className={styles.letter}>
      <figcaption title={field}>
        {replaces ? t('approval.diff', { field: fieldLabel(field) }) : fieldLabel(field)}
        <ProvenanceBadges of={provenance} quiet />
      </figcaption>
      {replaces ? (
        <Diff before={before} after={after} />
      ) : (
        <div className={styles.body}>
          {isDocument(after) ? <RichText document={after} /> : said(after)}
        </div>
      )}
    </figure>
  );
}

const MARK_CLASS = { '+': styles.added, '-': styles.removed, ' ': '' };

function Diff({ before, after }: { before: string; after: string }) {
  return (
    <pre className={styles.diff}>
      {diffLines(before, after).map(({ mark, text }, i) => (
        <span key={i} className={MARK_CLASS[mark]}>
          <span className={styles.mark}>{mark}</span>
          {text}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}
