// A question's form: its fields, what is wrong with them once it was tried, and the answer.

import Button from '@atlaskit/button/new';
import { useId, useRef, useState, type FormEvent } from 'react';

import { useAction } from '../api/useAction';
import { Trouble } from '../parts/Trouble';
import { fieldsOf, readEntries, type Entries } from '../words/form';
import { t } from '../words/words';
import styles from './AnswerForm.module.css';
import { QuestionField } from './QuestionField';

type Props = {
  schema: Record<string, unknown>;
  onReply: (answer: Record<string, unknown>) => Promise<void>;
};

export function QuestionForm({ schema, onReply }: Props) {
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const [entries, setEntries] = useState<Entries>({});
  const [tried, setTried] = useState(false);
  const { run: reply, busy, error } = useAction(onReply);
  const fields = fieldsOf(schema);
  const { answer, wrong } = readEntries(fields, entries);

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (answer) {
      void reply(answer);
      return;
    }
    const first = fields.findIndex(({ name }) => name in wrong);
    const field = form.current?.querySelectorAll('[data-field]')[first];
    field?.querySelector<HTMLElement>('input, textarea, button')?.focus();
  }

  return (
    <form ref={form} className={styles.form} noValidate onSubmit={submit}>
      {error ? <Trouble error={error} /> : null}
      {fields.map((field, i) => (
        <QuestionField
          key={field.name}
          id={`${id}-${i}`}
          field={field}
          entered={entries[field.name] ?? ''}
          wrong={tried ? (wrong[field.name] ?? null) : null}
          onEnter={(entered) => setEntries({ ...entries, [field.name]: entered })}
        />
      ))}
      <div className={styles.buttons}>
        <Button type="submit" appearance="primary" isLoading={busy}>
          {t('question.send')}
        </Button>
        {fields.some(({ required }) => required) ? <span>{t('question.marked')}</span> : null}
      </div>
    </form>
  );
}
