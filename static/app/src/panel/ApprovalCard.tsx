// The question to a person: exactly what will be sent, why, and the answers that are allowed.

import Button from '@atlaskit/button/new';
import ShieldIcon from '@atlaskit/icon/core/shield';
import { useState } from 'react';

import type { CallError } from '../api/call';
import type { ApprovalView } from '../api/generated';
import type { Answer } from '../api/panel';
import { Changes } from '../parts/Changes';
import { Numbers } from '../parts/Numbers';
import { Sources } from '../parts/Sources';
import { asClause, personLabel, verbOf } from '../words/labels';
import { left } from '../words/moments';
import { t } from '../words/words';
import styles from './ApprovalCard.module.css';
import { AskCard } from './AskCard';
import { ChangeForm } from './ChangeForm';
import { RejectForm } from './RejectForm';
import { RiskRow } from './RiskRow';

type Props = {
  asked: ApprovalView;
  now: number;
  error: CallError | null;
  onAnswer: (answer: Answer) => void;
};

export function ApprovalCard({ asked, now, error, onAnswer }: Props) {
  const [mode, setMode] = useState<'read' | 'change' | 'reject'>('read');
  const name = personLabel(asked);
  const numbered = asked.evidence.map((evidence, i) => ({ ...evidence, n: i + 1 }));
  return (
    <AskCard
      mine={asked.mine}
      head={asked.mine ? t('approval.yours') : t('approval.others', { name })}
      until={deadline(asked, now)}
      again={
        asked.asked_again ? (
          <>
            <strong>{t('approval.asked_again')}</strong> {asked.asked_again}
          </>
        ) : null
      }
      error={error}
      system={asked.system}
      title={asked.title}
    >
      <p>
        {asked.why} <Numbers of={numbered.map(({ n }) => n)} />
      </p>
      {mode === 'change' ? (
        <ChangeForm asked={asked} onAnswer={onAnswer} onCancel={() => setMode('read')} />
      ) : (
        <Payload asked={asked} />
      )}
      {numbered.length > 0 ? (
        <Sources
          of={numbered.map(({ n, system, source, quote }) => ({
            n,
            system,
            title: source,
            says: <q>{quote}</q>,
          }))}
        />
      ) : null}
      <RiskRow asked={asked} />
      {mode === 'reject' ? (
        <RejectForm
          onReject={(reason) => onAnswer({ answer: 'reject', reason })}
          onCancel={() => setMode('read')}
        />
      ) : null}
      <footer className={styles.foot}>
        {mode === 'read' && asked.mine ? (
          <div className={styles.buttons}>
            <Button appearance="primary" onClick={() => onAnswer({ answer: 'approve' })}>
              {t(`verb.${verbOf(asked.operation)}.approve`)}
            </Button>
            <Button onClick={() => setMode('change')}>{t('approval.change')}</Button>
            <Button appearance="subtle" onClick={() => setMode('reject')}>
              {t('approval.reject')}
            </Button>
          </div>
        ) : null}
        {asked.mine ? null : <p>{onlyThey(asked, name)}</p>}
        {asked.policy ? (
          <p className={styles.policy}>
            <ShieldIcon label="" size="small" /> {t('approval.policy', { policy: asked.policy })}
          </p>
        ) : null}
      </footer>
    </AskCard>
  );
}

function Payload({ asked }: { asked: ApprovalView }) {
  return (
    <div className={styles.payload}>
      <h4>{t('approval.sends')}</h4>
      <Changes of={asked.changes} />
    </div>
  );
}

const onlyThey = ({ approver }: ApprovalView, name: string): string =>
  t(approver.startsWith('role:') ? 'approval.only_role' : 'approval.only', { name });

function deadline({ until, then }: ApprovalView, now: number): string {
  if (until === null) return '';
  if (until <= now) return t('approval.overdue');
  const span = left(until - now);
  return then
    ? t('approval.left_then', { left: span, then: asClause(then) })
    : t('approval.left', { left: span });
}
