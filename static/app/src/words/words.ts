// Every word people read, looked up by key in one locale file.

import messages from '../../locales/en-US.json';

type Leaf = string | { one: string; other: string };
type Keys<T, Wanted, Prefix extends string = ''> = {
  [K in keyof T & string]: T[K] extends Wanted
    ? `${Prefix}${K}`
    : T[K] extends Leaf
      ? never
      : Keys<T[K], Wanted, `${Prefix}${K}.`>;
}[keyof T & string];

/** The keys of plain messages. */
export type Word = Keys<typeof messages, string>;
/** The keys of messages that depend on a number. */
export type Countable = Keys<typeof messages, { one: string; other: string }>;
export type Values = Record<string, string | number>;

const rules = new Intl.PluralRules('en-US');
const numbers = new Intl.NumberFormat('en-US');

function look(key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>(
      (node, part) => (node as Record<string, unknown> | undefined)?.[part],
      messages,
    );
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The message with this key, its `{names}` filled in. */
export function t(key: Word, values: Values = {}): string {
  const found = look(key);
  return typeof found === 'string' ? fill(found, values) : key;
}

/** The message for `n` things. */
export function count(key: Countable, n: number): string {
  const found = look(key) as Record<string, string>;
  return fill(found[rules.select(n)] ?? found.other ?? key, { n: numbers.format(n) });
}

/** A message whose key is only known at run time, or `otherwise`. */
export function word(key: string, otherwise: string): string {
  const found = look(key);
  return typeof found === 'string' ? found : otherwise;
}
