// Many options in a list that can be searched.

import Select from '@atlaskit/select';

import type { Option } from '../words/form';
import { t } from '../words/words';
import type { EntryProps } from './QuestionField';

type Listed = { label: string; value: string };

export default function OptionList({
  id,
  field,
  entered,
  options,
  invalid,
  describedBy,
  onEnter,
}: EntryProps & { options: Option[] }) {
  const listed: Listed[] = options.map(({ label }, i) => ({ label, value: String(i) }));
  const chosen = listed.filter(({ value }) => [entered].flat().includes(value));
  const common = {
    inputId: id,
    'aria-labelledby': `${id}-label`,
    descriptionId: describedBy,
    isInvalid: invalid,
    isRequired: field.required,
    options: listed,
    placeholder: t('question.choose'),
    isClearable: !field.required,
  };
  if (field.shape.as === 'choices') {
    return (
      <Select<Listed, true>
        {...common}
        isMulti
        value={chosen}
        onChange={(now) => onEnter(now.map(({ value }) => value))}
      />
    );
  }
  return (
    <Select<Listed>
      {...common}
      value={chosen[0] ?? null}
      onChange={(now) => onEnter(now?.value ?? '')}
    />
  );
}
