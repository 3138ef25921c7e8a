// "Yes, but so": the fields of the payload, open for editing before they are sent.

import Button from '@atlaskit/button/new';
import Textarea from '@atlaskit/textarea';
import Textfield from '@atlaskit/textfield';
import { useId, useState, type FormEvent } from 'react';

import type { ApprovalView, Change } from '../api/generated';
import type { Answer } from '../api/panel';
import { draftOf, readDraft, shapeOf } from '../words/changes';
import { fieldLabel, verbOf } from '../words/labels';
import { count, t } from '../words/words';
import styles from './AnswerForm.module.css';

type Props = { asked: ApprovalView; onAnswer: (answer: Answer) => void; onCancel: () => void };

export function ChangeForm({ asked, onAnswer, onCancel }: Props) {
  const [draft, setDraft] = useState(() => draftOf(asked.changes));
  const reading = readDraft(asked.changes, draft, (message) => t('approval.not_json', { message }));
  const n = reading.changes ? Object.keys(reading.changes).length : 0;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (reading.changes) onAnswer({ answer: 'modify', changes: reading.changes });
  }

  return (
    <form className={styles.form} onSubmit={submit}>
      <p>{t('approval.change_about')}</p>
      {asked.changes.map((change) => (
        <Field
          key={change.field}
          change={change}
          value={draft[change.field] ?? ''}
          wrong={reading.wrong[change.field] ?? null}
          onEdit={(text) => setDraft({ ...draft, [change.field]: text })}
        />
      ))}
      <div className={styles.buttons}>
        <Button type="submit" appearance="primary" isDisabled={n === 0}>
          {t(`verb.${verbOf(asked.operation)}.changed`)}
        </Button>
        <Button appearance="subtle" onClick={onCancel}>
          {t('app.cancel')}
        </Button>
        <span role="status">{n > 0 ? count('approval.changed', n) : t('approval.unchanged')}</span>
      </div>
    </form>
  );
}

type FieldProps = {
  change: Change;
  value: string;
  wrong: string | null;
  onEdit: (text: string) => void;
};

function Field({ change, value, wrong, onEdit }: FieldProps) {
  const id = useId();
  const original = draftOf([change])[change.field] ?? '';
  const oneLine = shapeOf(change) === 'value';
  const described = wrong ? { 'aria-describedby': `${id}-wrong` } : {};
  return (
    <div className={styles.field}>
      <div className={styles.label}>
        <label htmlFor={id}>{fieldLabel(change.field)}</label>
        {value === original ? null : (
          <Button spacing="compact" appearance="subtle" onClick={() => onEdit(original)}>
            {t('approval.reset')}
          </Button>
        )}
      </div>
      {oneLine ? (
        <Textfield
          id={id}
          value={value}
          isInvalid={wrong !== null}
          {...described}
          onChange={(event) => onEdit(event.currentTarget.value)}
        />
      ) : (
        <Textarea
          id={id}
          value={value}
          isInvalid={wrong !== null}
          isMonospaced={typeof change.after !== 'string'}
          minimumRows={3}
          maxHeight="480px"
          {...described}
          onChange={(event) => onEdit(event.target.value)}
        />
      )}
      {wrong ? (
        <p id={`${id}-wrong`} className={styles.wrong}>
          {wrong}
        </p>
      ) : null}
    </div>
  );
}
