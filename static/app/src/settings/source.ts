// A flow document as text: what it says, and where in it a JSON pointer leads.
//
// Problems name places as JSON pointers (RFC 6901); people look at lines.

import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type YAMLParseError,
} from 'yaml';

import type { Problem } from '../api/generated';
import { t } from '../words/words';
import { checkCharacters, Reader, Unsaid } from './said';

/** A stretch of the text, and the line it begins on, counted from 1. */
export type Place = { from: number; to: number; line: number };

export type Source = {
  /** What the text says; null when it is not a document at all. */
  document: Record<string, unknown> | null;
  /** What is wrong with the text as text. */
  problems: Problem[];
  /** Where problems of the text are, in the same order. */
  places: Place[];
  /** Where a JSON pointer leads: as deep as the text goes. */
  find: (pointer: string) => Place;
};

/** Never throws, whatever the text: what cannot be read is a problem with a place. */
export function readSource(text: string): Source {
  let find: Source['find'] = () => place(...firstLine(text));
  const place = (from: number, to: number): Place => {
    const end = Math.max(from, Math.min(to, text.length));
    return { from: Math.min(from, text.length), to: end, line: text.slice(0, from).split('\n').length };
  };
  const refused = (wrong: Unsaid[]): Source => ({
    document: null,
    problems: wrong.map(({ code, message, hint }) => problem(code, message, hint)),
    places: wrong.map(({ at: [from, to] }) => place(from, endOfLine(text, [from, to]))),
    find,
  });
  try {
    checkCharacters(text);
    const parsed = parseDocument(text, READING);
    const reader = new Reader();
    find = (pointer) => place(...locate(parsed, reader.targets, segments(pointer), text));
    if (parsed.errors.length > 0) {
      return refused(parsed.errors.map(asUnsaid));
    }
    const document = reader.read(parsed);
    if (isMap(parsed.contents)) {
      return { document: document as Record<string, unknown>, problems: [], places: [], find };
    }
    return refused([new Unsaid('not_a_map', t('editor.not_a_map'), '', firstLine(text))]);
  } catch (thrown) {
    return refused([asUnsaid(thrown)]);
  }
}

/** YAML 1.2 whatever a directive says; names that stand twice are ours to find. */
const READING = { schema: 'core', prettyErrors: false, uniqueKeys: false, merge: false } as const;

/** A parser that gave up, too, has found something wrong with the text. */
function asUnsaid(thrown: unknown): Unsaid {
  if (thrown instanceof Unsaid) return thrown;
  const { code, message, pos } = thrown as Partial<YAMLParseError>;
  if (code === 'RESOURCE_EXHAUSTION' || thrown instanceof RangeError) {
    return new Unsaid('too_deep', t('editor.too_deep'), t('editor.too_deep_hint'), pos ?? [0, 0]);
  }
  return new Unsaid('yaml_syntax', message ?? String(thrown), t('editor.yaml_hint'), pos ?? [0, 0]);
}

const problem = (code: string, message: string, hint: string): Problem => ({
  severity: 'error',
  code,
  at: '',
  message,
  hint,
});

/** `/a~1b/0` as `['a/b', '0']`. */
export function segments(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

type Range = [from: number, to: number];

function locate(
  parsed: Document,
  targets: Map<Alias, Node>,
  path: string[],
  text: string,
): Range {
  let node: unknown = parsed.contents;
  let found: Range | null = null;
  for (const segment of path) {
    const within = isAlias(node) ? targets.get(node) : node;
    if (isMap(within)) {
      const pair = within.items.find(({ key }) => isScalar(key) && String(key.value) === segment);
      if (!pair) break;
      found = rangeOf(pair.key) ?? found;
      node = pair.value;
    } else if (isSeq(within)) {
      const item = within.items[Number(segment)];
      if (item === undefined) break;
      found = rangeOf(item) ?? found;
      node = item;
    } else break;
  }
  // A value on its key's line says more than the key alone.
  if (
    found &&
    isScalar(node) &&
    node.range &&
    !text.slice(found[0], node.range[1]).includes('\n')
  ) {
    return [found[0], node.range[1]];
  }
  return found ? [found[0], endOfLine(text, found)] : firstLine(text);
}

function rangeOf(node: unknown): Range | null {
  const range = (node as Node | null)?.range ?? (node as Pair<Node> | null)?.key?.range;
  return range ? [range[0], range[1]] : null;
}

/** A block is marked on its first line only. */
const endOfLine = (text: string, [from, to]: Range): number => {
  const end = text.indexOf('\n', from);
  return end < 0 ? to : Math.min(to, end);
};

const firstLine = (text: string): Range => {
  const start = Math.max(0, text.search(/^(?!\s*(#|$))/m));
  return [start, endOfLine(text, [start, text.length])];
};

/** The text with another value at its top-level `id:`, comments and order untouched. */
export function withId(text: string, id: string): string {
  const parsed = parseDocument(text);
  const value = isMap(parsed.contents) ? parsed.contents.get('id', true) : undefined;
  if (!isScalar(value) || !value.range) return `id: ${id}\n${text}`;
  return text.slice(0, value.range[0]) + id + text.slice(value.range[1]);
}

/** `wanted`, or the first of `wanted-2`, `wanted-3`, … that is free. */
export function freeId(wanted: string, taken: string[]): string {
  let id = wanted;
  for (let n = 2; taken.includes(id); n++) id = `${wanted}-${n}`;
  return id;
}
