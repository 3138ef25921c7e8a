// The form of a question: the fields its JSON Schema asks for, and the answer read from them.

import { isObject } from './changes';
import { asSentence, choiceLabel, fieldLabel } from './labels';
import { count, t } from './words';

export type Option = { label: string; value: unknown };

export type Field = {
  /** Where it stands in the answer: `['relation', 'key']`. */
  path: string[];
  /** The same as one name. */
  name: string;
  label: string;
  about: string;
  required: boolean;
  /** The optional objects around it: it is required only once something in them is entered. */
  within: string[];
  shape:
    | { as: 'choice' | 'choices'; options: Option[] }
    | { as: 'text'; max: number }
    | { as: 'number' | 'lines' | 'json' };
};

/** What was entered, by field name: text as typed, choices as the numbers of their options. */
export type Entries = Record<string, string | string[]>;

export type Reading =
  | { answer: Record<string, unknown>; wrong: Record<string, never> }
  | { answer: null; wrong: Record<string, string> };

type Schema = Record<string, unknown>;

const TEXT_MAX = 2_000;
const YES_NO = (): Option[] => [
  { label: asSentence(t('app.yes')), value: true },
  { label: asSentence(t('app.no')), value: false },
];

export function fieldsOf(schema: Schema, path: string[] = [], within: string[] = []): Field[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(isObject(schema.properties) ? schema.properties : {}).flatMap(
    ([name, inner]) => {
      const of = isObject(inner) ? inner : {};
      const place = [...path, name];
      const needed = required.includes(name);
      if (isObject(of.properties)) {
        return fieldsOf(of, place, needed ? within : [...within, place.join('.')]);
      }
      return [
        {
          path: place,
          name: place.join('.'),
          label: fieldLabel(place.join(' ')),
          about: typeof of.description === 'string' ? of.description : '',
          required: needed,
          within,
          shape: shapeOf(of),
        },
      ];
    },
  );
}

function shapeOf(schema: Schema): Field['shape'] {
  if (Array.isArray(schema.enum)) return { as: 'choice', options: schema.enum.map(asOption) };
  if (schema.type === 'boolean') return { as: 'choice', options: YES_NO() };
  if (schema.type === 'number' || schema.type === 'integer') return { as: 'number' };
  if (schema.type === 'string') {
    return { as: 'text', max: typeof schema.maxLength === 'number' ? schema.maxLength : TEXT_MAX };
  }
  const items = isObject(schema.items) ? schema.items : {};
  if (Array.isArray(items.enum)) return { as: 'choices', options: items.enum.map(asOption) };
  return { as: items.type === 'string' ? 'lines' : 'json' };
}

const asOption = (value: unknown): Option => ({ label: choiceLabel(value), value });

/** The answer as it is sent, or what is wrong with it, field by field. */
export function readEntries(fields: Field[], entries: Entries): Reading {
  const answer: Record<string, unknown> = {};
  const wrong: Record<string, string> = {};
  for (const field of fields) {
    const entered = entries[field.name] ?? '';
    if (isEmpty(entered)) {
      if (isNeeded(field, fields, entries)) wrong[field.name] = t('question.needed');
      continue;
    }
    const read = readField(field, entered);
    if ('wrong' in read) wrong[field.name] = read.wrong;
    else put(answer, field.path, read.value);
  }
  return Object.keys(wrong).length > 0 ? { answer: null, wrong } : { answer, wrong: {} };
}

const isEmpty = (entered: string | string[]): boolean =>
  Array.isArray(entered) ? entered.length === 0 : entered.trim() === '';

const isNeeded = (field: Field, fields: Field[], entries: Entries): boolean =>
  field.required &&
  field.within.every((group) =>
    fields.some(({ name }) => name.startsWith(`${group}.`) && !isEmpty(entries[name] ?? '')),
  );

function readField(
  { shape }: Field,
  entered: string | string[],
): { value: unknown } | { wrong: string } {
  const chosen = (n: string): unknown =>
    'options' in shape ? shape.options[Number(n)]?.value : undefined;
  const text = Array.isArray(entered) ? '' : entered.trim();
  switch (shape.as) {
    case 'choice':
      return { value: chosen(text) };
    case 'choices':
      return { value: (Array.isArray(entered) ? entered : []).map(chosen) };
    case 'number':
      return Number.isFinite(Number(text))
        ? { value: Number(text) }
        : { wrong: t('question.not_number') };
    case 'lines':
      return {
        value: text
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean),
      };
    case 'json':
      try {
        return { value: JSON.parse(text) };
      } catch (error) {
        return { wrong: t('approval.not_json', { message: (error as Error).message }) };
      }
    case 'text':
      return text.length <= shape.max
        ? { value: text }
        : { wrong: count('question.too_long', shape.max) };
  }
}

function put(into: Record<string, unknown>, [name, ...rest]: string[], value: unknown): void {
  if (name === undefined) return;
  if (rest.length === 0) {
    into[name] = value;
    return;
  }
  const inner = isObject(into[name]) ? into[name] : {};
  into[name] = inner;
  put(inner, rest, value);
}
