// Before and after of a write, prepared for reading and for editing.

import type { Change } from '../api/generated';

/** How a change is best shown. */
export type Shape = 'text' | 'document' | 'list' | 'structure' | 'value';

const LONG = 80;

/** Whether a value is a document in Atlassian Document Format. */
export function isDocument(value: unknown): value is Node {
  return isObject(value) && value.type === 'doc' && Array.isArray(value.content);
}

export type Node = {
  type: string;
  text?: string;
  attrs?: Record<string, unknown>;
  marks?: { type: string; attrs?: Record<string, unknown> }[];
  content?: Node[];
};

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function shapeOf({ after, before }: Pick<Change, 'after' | 'before'>): Shape {
  if (isDocument(after) || isDocument(before)) return 'document';
  if (typeof after === 'string')
    return after.length > LONG || after.includes('\n') ? 'text' : 'value';
  const flat = (v: unknown) =>
    Array.isArray(v) && v.every((x) => !isObject(x) && !Array.isArray(x));
  if (flat(after)) return 'list';
  return isObject(after) || Array.isArray(after) ? 'structure' : 'value';
}

export const same = (a: unknown, b: unknown): boolean => stable(a) === stable(b);

/** JSON with sorted keys, so that equal values are equal texts. */
function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`;
  if (isObject(value)) {
    const keys = Object.keys(value).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${stable(value[key])}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

export type Line = { mark: ' ' | '+' | '-'; text: string };

/** A line diff by longest common subsequence; texts here are a screen long, not a book. */
export function diffLines(before: string, after: string): Line[] {
  const a = before.split('\n');
  const b = after.split('\n');
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i]![j] =
        a[i] === b[j]
          ? common[i + 1]![j + 1]! + 1
          : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ mark: ' ', text: a[i++]! });
      j++;
    } else if (j >= b.length || (i < a.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({ mark: '-', text: a[i++]! });
    } else {
      lines.push({ mark: '+', text: b[j++]! });
    }
  }
  return lines;
}

/** A field while it is being edited: always text, whatever the value is. */
export type Draft = Record<string, string>;

export const draftOf = (changes: Change[]): Draft =>
  Object.fromEntries(changes.map(({ field, after }) => [field, asText(after)]));

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value, null, 2);

export type Reading =
  | { changes: Record<string, unknown>; wrong: Record<string, never> }
  | { changes: null; wrong: Record<string, string> };

/** The edited fields in their own types; only what differs from what was proposed. */
export function readDraft(
  changes: Change[],
  draft: Draft,
  wrongJson: (why: string) => string,
): Reading {
  const edited: Record<string, unknown> = {};
  const wrong: Record<string, string> = {};
  for (const { field, after } of changes) {
    const text = draft[field] ?? asText(after);
    if (text === asText(after)) continue;
    try {
      edited[field] = typeof after === 'string' || after === null ? text : JSON.parse(text);
    } catch (error) {
      wrong[field] = wrongJson((error as Error).message);
    }
  }
  return Object.keys(wrong).length > 0 ? { changes: null, wrong } : { changes: edited, wrong: {} };
}
