// A few options side by side, each a button that stays pressed.

import Button from '@atlaskit/button/new';

import type { Option } from '../words/form';
import styles from './AnswerForm.module.css';
import type { EntryProps } from './QuestionField';

export function Options({
  id,
  field,
  entered,
  options,
  describedBy,
  onEnter,
}: EntryProps & { options: Option[] }) {
  const many = field.shape.as === 'choices';
  const chosen = Array.isArray(entered) ? entered : [entered];

  function press(n: string) {
    const others = chosen.filter((other) => other !== n && other !== '');
    const now = chosen.includes(n) ? others : [...others, n];
    onEnter(many ? now : chosen.includes(n) ? '' : n);
  }

  return (
    <div
      className={styles.options}
      role="group"
      aria-labelledby={`${id}-label`}
      aria-describedby={describedBy}
    >
      {options.map(({ label }, i) => (
        <Button
          key={label}
          isSelected={chosen.includes(String(i))}
          aria-pressed={chosen.includes(String(i))}
          onClick={() => press(String(i))}
        >
          {label}
        </Button>
      ))}
    </div>
  );
}
