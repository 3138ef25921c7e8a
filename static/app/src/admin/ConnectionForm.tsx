// The values a connection needs. Secrets are written, never read.

import Button from '@atlaskit/button/new';
import Textfield from '@atlaskit/textfield';
import { useId, useState, type FormEvent } from 'react';

import type { ConnectionField, ConnectionRow } from '../api/admin';
import { t } from '../words/words';
import styles from './Card.module.css';
import { unanswered } from './unanswered';

type Props = {
  row: ConnectionRow;
  busy: boolean;
  onSave: (values: Record<string, string>) => void;
  onCancel: () => void;
  onRemove: (() => void) | null;
};

export function ConnectionForm({ row, busy, onSave, onCancel, onRemove }: Props) {
  const [values, setValues] = useState(() =>
    Object.fromEntries(row.fields.map(({ key, value }) => [key, value ?? ''])),
  );
  const missing = unanswered(row.fields, values);

  function submit(event: FormEvent) {
    event.preventDefault();
    onSave(values);
  }

  return (
    <form className={styles.form} autoComplete="off" onSubmit={submit}>
      {row.fields.map((field) => (
        <Field
          key={field.key}
          field={field}
          value={values[field.key] ?? ''}
          onEdit={(value) => setValues({ ...values, [field.key]: value })}
        />
      ))}
      <div className={styles.buttons}>
        <Button type="submit" appearance="primary" isLoading={busy} isDisabled={missing.length > 0}>
          {t('admin.save')}
        </Button>
        <Button appearance="subtle" onClick={onCancel}>
          {t('app.cancel')}
        </Button>
        {onRemove ? (
          <Button appearance="subtle" onClick={onRemove}>
            {t('admin.remove')}
          </Button>
        ) : null}
      </div>
    </form>
  );
}

type FieldProps = { field: ConnectionField; value: string; onEdit: (value: string) => void };

const DOTS = '••••••••';

function Field({ field, value, onEdit }: FieldProps) {
  const id = useId();
  const note = about(field);
  return (
    <div className={styles.field}>
      <label htmlFor={id}>
        {field.label} {field.required ? null : <span>({t('admin.optional')})</span>}
      </label>
      <Textfield
        id={id}
        type={field.secret ? 'password' : 'text'}
        autoComplete={field.secret ? 'new-password' : 'off'}
        spellCheck={false}
        isRequired={field.required && !field.set}
        placeholder={field.secret && field.set ? DOTS : ''}
        aria-describedby={note ? `${id}-about` : undefined}
        value={value}
        onChange={(event) => onEdit(event.currentTarget.value)}
      />
      {note ? <p id={`${id}-about`}>{note}</p> : null}
    </div>
  );
}

function about({ secret, set, example }: ConnectionField): string {
  if (secret) return t(set ? 'admin.secret_set' : 'admin.secret_unset');
  return example ? t('admin.example', { example }) : '';
}
