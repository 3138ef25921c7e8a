// One field of a question's form: a choice, several, a text or a number.

import Textarea from '@atlaskit/textarea';
import Textfield from '@atlaskit/textfield';
import { lazy, Suspense } from 'react';

import type { Field } from '../words/form';
import { t } from '../words/words';
import styles from './AnswerForm.module.css';
import { Options } from './Options';

/** Loaded only where there are more options than fit as buttons. */
const OptionList = lazy(() => import('./OptionList'));
const BUTTONS_MAX = 4;
/** Texts that may be longer get more than one line. */
const ONE_LINE = 120;

type Entered = string | string[];
export type EntryProps = {
  id: string;
  field: Field;
  entered: Entered;
  invalid: boolean;
  describedBy: string | undefined;
  onEnter: (entered: Entered) => void;
};
type Props = Omit<EntryProps, 'invalid' | 'describedBy'> & { wrong: string | null };

export function QuestionField({ id, field, entered, wrong, onEnter }: Props) {
  const notes = [field.about ? `${id}-about` : '', wrong ? `${id}-wrong` : ''].filter(Boolean);
  const entry: EntryProps = {
    id,
    field,
    entered,
    invalid: wrong !== null,
    describedBy: notes.join(' ') || undefined,
    onEnter,
  };
  return (
    <div className={styles.field} data-field>
      <Name id={id} field={field} />
      <Entry {...entry} />
      {field.about ? <p id={`${id}-about`}>{field.about}</p> : null}
      {wrong ? (
        <p id={`${id}-wrong`} className={styles.wrong} role="alert">
          {wrong}
        </p>
      ) : null}
    </div>
  );
}

/** Buttons have names of their own; one that a label names would lose it. */
function Name({ id, field }: { id: string; field: Field }) {
  const Label = hasButtons(field) ? 'span' : 'label';
  return (
    <Label id={`${id}-label`} className={styles.name} {...(Label === 'label' && { htmlFor: id })}>
      {field.label}
      {field.required ? (
        <span className={styles.required} aria-hidden="true">
          {' *'}
        </span>
      ) : null}
    </Label>
  );
}

const hasButtons = ({ shape }: Field): boolean =>
  'options' in shape && shape.options.length <= BUTTONS_MAX;

function Entry(entry: EntryProps) {
  const { id, field, entered, invalid, describedBy, onEnter } = entry;
  const { shape } = field;
  if (shape.as === 'choice' || shape.as === 'choices') {
    if (hasButtons(field)) return <Options {...entry} options={shape.options} />;
    return (
      <Suspense fallback={<Textfield id={id} isDisabled placeholder={t('app.loading')} />}>
        <OptionList {...entry} options={shape.options} />
      </Suspense>
    );
  }
  const common = {
    id,
    value: String(entered),
    isInvalid: invalid,
    'aria-required': field.required,
    'aria-describedby': describedBy,
  };
  if (shape.as === 'number' || (shape.as === 'text' && shape.max <= ONE_LINE)) {
    return (
      <Textfield
        {...common}
        inputMode={shape.as === 'number' ? 'decimal' : 'text'}
        onChange={(event) => onEnter(event.currentTarget.value)}
      />
    );
  }
  return (
    <Textarea
      {...common}
      isMonospaced={shape.as === 'json'}
      placeholder={shape.as === 'lines' ? t('question.lines') : ''}
      minimumRows={2}
      maxHeight="320px"
      onChange={(event) => onEnter(event.target.value)}
    />
  );
}
