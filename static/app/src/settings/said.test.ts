// The page reads a text as the `tutti` command does: the same value, or the same kind of refusal.

import { expect, test } from 'vitest';

import cases from '../../../../tests/yaml/cases.json';
import { readSource } from './source';

type Case = { text: string; says?: unknown; refused?: string };

test.each(cases as Case[])('page and command read the same: $text', ({ text, says, refused }) => {
  const { document, problems, places } = readSource(text);
  expect(places).toHaveLength(problems.length);
  for (const { from, to, line } of places) {
    expect([from >= 0, from <= to, to <= text.length, line >= 1]).not.toContain(false);
  }
  const codes = problems.map(({ code }) => code);
  if (refused) expect(codes[0]).toBe(refused);
  // A flow is a map, so that is all the page keeps.
  else if (says === null || Array.isArray(says)) expect(codes).toEqual(['not_a_map']);
  else expect(JSON.parse(JSON.stringify(document))).toEqual(says);
});
