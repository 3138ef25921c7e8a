// States and names in the words people read.

import { describe, expect, test } from 'vitest';

import type { ApprovalView, QuestionView, RunState } from '../api/generated';
import {
  asClause,
  choiceLabel,
  fieldLabel,
  isFinal,
  personLabel,
  runLabel,
  verbOf,
} from './labels';

const asked = (more: Partial<ApprovalView>) =>
  ({ approver: '712020:dana', approver_name: 'Dana Reyes', mine: false, ...more }) as ApprovalView;

const STANDING = { ended_at: null, brakes: [], approvals: [], questions: [] };

describe('the state of a run in words', () => {
  test.each<[RunState, ApprovalView[], string]>([
    ['running', [], 'Running'],
    ['waiting_person', [asked({ mine: true })], 'Waiting for you'],
    ['waiting_person', [asked({}), asked({ mine: true })], 'Waiting for you'],
    ['waiting_person', [asked({})], 'Waiting for Dana Reyes'],
    [
      'waiting_person',
      [asked({ approver: 'role:release-manager', approver_name: '' })],
      'Waiting for Release manager',
    ],
    ['waiting_person', [], 'Waiting for a person'],
    ['waiting_outside', [], 'Waiting'],
    ['completed_with_gaps', [], 'Done with gaps'],
    ['cancelled', [], 'Stopped'],
  ])('%s', (state, approvals, words) =>
    expect(runLabel({ ...STANDING, state, approvals })).toBe(words),
  );

  test('a question counts like an approval', () => {
    const question = (more: Partial<QuestionView>) =>
      ({ who: '712020:dana', who_name: 'Dana Reyes', mine: false, ...more }) as QuestionView;
    const label = (more: Partial<QuestionView>) =>
      runLabel({ ...STANDING, state: 'waiting_person', questions: [question(more)] });
    expect(label({ mine: true })).toBe('Waiting for you');
    expect(label({})).toBe('Waiting for Dana Reyes');
    expect(label({ who: '', who_name: '' })).toBe('Waiting for a person');
  });
  test('what holds it is told apart', () => {
    expect(runLabel({ ...STANDING, state: 'held', brakes: ['stop', 'pause'] })).toBe('Paused');
    expect(runLabel({ ...STANDING, state: 'held', brakes: ['stop'] })).toBe('Held');
  });
  test('a run that was over already is being undone', () =>
    expect(runLabel({ ...STANDING, state: 'running', ended_at: 7 })).toBe('Undoing'));
});

test.each([
  ['attach_to_known', 'attach to known'],
  ['S2', 'S2'],
  [7, '7'],
])('the choice %s reads "%s"', (value, label) => expect(choiceLabel(value)).toBe(label));

test('an account id is never shown as a name', () =>
  expect(personLabel({ approver: '712020:dana', approver_name: '' })).toBe('a person'));

test('final states are those after which nothing happens', () => {
  expect(isFinal('held')).toBe(false);
  expect(isFinal('completed_with_gaps')).toBe(true);
});

test.each([
  ['salesforce.case.reply', 'send'],
  ['slack.message.post', 'send'],
  ['jira.comment.create', 'send'],
  ['jira.issue.create', 'create'],
  ['confluence.page.update', 'update'],
  ['gitlab.merge_request.merge', 'merge'],
  ['jira.issue.transition', 'transition'],
  ['jira.issue.delete', 'delete'],
  ['gitlab.note.add', 'send'],
  ['jira.issue.remote_link.set', 'update'],
  ['jira.issue.edit_priority', 'update'],
  ['mcp.grafana.annotate', 'run'],
])('%s is said as "%s"', (operation, verb) => expect(verbOf(operation)).toBe(verb));

test.each([
  ['customer_impact', 'Customer impact'],
  ['customerImpact', 'Customer impact'],
  ['tutti.customers', 'Tutti customers'],
  ['Tutti_Run__c', 'Tutti_Run__c'],
])('field %s is "%s"', (name, label) => expect(fieldLabel(name)).toBe(label));

test.each([
  ['The step is skipped.', 'the step is skipped'],
  ['escalates to Mei Tanaka', 'escalates to Mei Tanaka'],
  ['PAY-88 stays open.', 'PAY-88 stays open'],
])('"%s" follows a comma as "%s"', (sentence, clause) => expect(asClause(sentence)).toBe(clause));
