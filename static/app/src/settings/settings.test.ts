// A flow's text on the settings page: where problems point, and what becomes of an id.

import { describe, expect, test } from 'vitest';

import { freeId, readSource, segments, withId } from './source';
import { needs, readTemplate } from './template';
import { readPath, writePath, type Route } from './route';

const TEXT = `# what it is for
id: demo
'a/b': 1
shared: &shared
  use: jira.issue.get
context:
  issue: *shared
steps:
  - id: one
    call: slack.message.post
    with:
      channel: C-ESC
      text: |
        two
        lines
  - { id: two, call: jira.issue.update }
`;

describe('a JSON pointer leads to', () => {
  const source = readSource(TEXT);
  const shown = (pointer: string) => {
    const { from, to, line } = source.find(pointer);
    return `${line}: ${TEXT.slice(from, to)}`;
  };
  test.each([
    ['', '2: id: demo'],
    ['/id', '2: id: demo'],
    ['/a~1b', "3: 'a/b': 1"],
    ['/steps', '8: steps'],
    ['/steps/0', '9: id: one'],
    ['/steps/0/call', '10: call: slack.message.post'],
    ['/steps/0/with/channel', '12: channel: C-ESC'],
    ['/steps/0/with/text', '13: text'],
    ['/steps/1/call', '16: call: jira.issue.update'],
    ['/context/issue/use', '5: use: jira.issue.get'],
  ])('%s', (pointer, place) => expect(shown(pointer)).toBe(place));

  test('the deepest part there is, when something is missing', () => {
    expect(shown('/steps/0/with/thread')).toBe('11: with');
    expect(shown('/steps/7/call')).toBe('8: steps');
    expect(shown('/nothing')).toBe('2: id: demo');
  });
  test('the document itself is what the text says', () =>
    expect(source.document).toMatchObject({
      id: 'demo',
      context: { issue: { use: 'jira.issue.get' } },
    }));
});

describe('a text that is no document', () => {
  test('is told with its line', () => {
    const { document, problems, places } = readSource('id: a\nsteps: [oops\n');
    expect(document).toBeNull();
    expect(problems[0]).toMatchObject({ code: 'yaml_syntax', severity: 'error' });
    expect(places[0]?.line).toBeGreaterThanOrEqual(2);
  });
  test('the same key twice is an error, not a silent choice', () => {
    const { problems, places } = readSource('id: a\nname: x\nid: b\n');
    expect(problems).toHaveLength(1);
    expect(places[0]?.line).toBe(3);
  });
  test.each([['just words'], ['- a list'], ['']])('%j is not a flow', (text) =>
    expect(readSource(text).problems[0]?.code).toBe('not_a_map'),
  );
  test('places never lie outside the text', () => {
    const { places } = readSource('steps: [');
    for (const { from, to } of places) expect(Math.max(from, to)).toBeLessThanOrEqual(8);
  });
});

test('pointers are unescaped in the right order', () =>
  expect(segments('/a~1b/~01')).toEqual(['a/b', '~1']));

test('another id leaves everything else as it was', () => {
  expect(withId(TEXT, 'demo-2')).toBe(TEXT.replace('id: demo', 'id: demo-2'));
  expect(withId('name: x\n', 'new')).toBe('id: new\nname: x\n');
  expect(freeId('demo', ['demo', 'demo-2'])).toBe('demo-3');
});

test('a template says what it is for and what it needs', () => {
  const template = readTemplate(`# Says hello.
id: hello
name: Hello
trigger: { webhook: salesforce.case }
steps:
  - id: d
    decide: { agent: a, question: 'q' }
  - id: c
    call: slack.message.post
  - id: j
    call: jira.issue.update
`);
  expect(template).toMatchObject({ id: 'hello', name: 'Hello', about: 'Says hello.' });
  expect(template.systems).toEqual(['salesforce', 'model', 'slack', 'jira']);
  expect(needs(template)).toEqual(['salesforce', 'model', 'slack']);
});

test.each<Route>([
  { page: 'flows' },
  { page: 'runs' },
  { page: 'flow', id: 'a/b' },
  { page: 'new', template: null },
  { page: 'new', template: 'premier-escalation' },
])('a route survives the address bar: %j', (route) =>
  expect(readPath(writePath(route))).toEqual(route),
);
