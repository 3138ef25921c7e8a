// What only a person can say: a form to fill in, ways to go on, or the last moment to recall.

import type { QuestionView, Way } from '../api/generated';
import { asSentence } from '../words/labels';
import { left } from '../words/moments';
import { t } from '../words/words';
import { AskCard } from './AskCard';
import styles from './QuestionCard.module.css';
import { QuestionForm } from './QuestionForm';
import { WaysOn } from './WaysOn';

type Props = {
  asked: QuestionView;
  now: number;
  onReply: (answer: Record<string, unknown>) => Promise<void>;
  onWay: (way: Way, reason: string) => Promise<void>;
};

export function QuestionCard({ asked, now, onReply, onWay }: Props) {
  const { mine, schema, ways, why, question } = asked;
  // A form's question is the heading; else that is the step, and the question stands below it.
  const [title, below] = schema ? [question, ''] : [asked.title, question];
  const name = asked.who_name || t('app.a_person');
  return (
    <AskCard
      mine={mine}
      head={headOf(asked, name)}
      until={deadline(asked, now)}
      error={null}
      system={asked.system}
      title={title}
    >
      {why || below ? (
        <div className={styles.why}>
          {why ? <p>{asSentence(why)}</p> : null}
          {below ? <p>{below}</p> : null}
        </div>
      ) : null}
      {mine && schema ? <QuestionForm schema={schema} onReply={onReply} /> : null}
      {mine && !schema ? <WaysOn ways={ways} onWay={onWay} /> : null}
      {mine ? null : <p>{asked.who ? t('approval.only', { name }) : t('question.only_admins')}</p>}
    </AskCard>
  );
}

const isRecall = ({ ways }: QuestionView): boolean => ways.some(({ way }) => way === 'recall');

function headOf(asked: QuestionView, name: string): string {
  if (isRecall(asked)) return t('question.recall');
  if (asked.mine) return t(asked.schema ? 'question.yours' : 'question.stuck');
  return asked.who ? t('approval.others', { name }) : t('run.waiting_person');
}

function deadline(asked: QuestionView, now: number): string {
  const { until } = asked;
  if (until === null) return '';
  if (until <= now) return t(isRecall(asked) ? 'question.leaving' : 'approval.overdue');
  const span = left(until - now);
  return t(isRecall(asked) ? 'question.leaves' : 'approval.left', { left: span });
}
