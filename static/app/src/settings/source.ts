// A flow document as text: what it says, and where in it a JSON pointer leads.
//
// Problems name places as JSON pointers (RFC 6901); people look at lines.

import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
} from 'yaml';

import type { Problem } from '../api/generated';
import { t } from '../words/words';

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

export function readSource(text: string): Source {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (from: number, to: number): Place => {
    const end = Math.max(from, Math.min(to, text.length));
    return { from: Math.min(from, text.length), to: end, line: lines.linePos(from).line };
  };
  const find = (pointer: string) => place(...locate(parsed, segments(pointer), text));

  if (parsed.errors.length > 0) {
    return {
      document: null,
      problems: parsed.errors.map(({ message }) =>
        problem('yaml_syntax', message, t('editor.yaml_hint')),
      ),
      places: parsed.errors.map(({ pos: [from, to] }) => place(from, to)),
      find,
    };
  }
  if (!isMap(parsed.contents)) {
    const whole = place(...firstLine(text));
    const wrong = problem('not_a_map', t('editor.not_a_map'), '');
    return { document: null, problems: [wrong], places: [whole], find };
  }
  return { document: parsed.toJS() as Record<string, unknown>, problems: [], places: [], find };
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

function locate(parsed: Document, path: string[], text: string): Range {
  let node: unknown = parsed.contents;
  let found: Range | null = null;
  for (const segment of path) {
    const within = isAlias(node) ? node.resolve(parsed) : node;
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
