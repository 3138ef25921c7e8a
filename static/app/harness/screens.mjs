// Every screen worth looking at: where it is, when it is ready, and what to do first.

import { PANELS } from './fixtures/panels.mjs';

const panel = (state, more = {}) => ({
  name: `panel-${state}`,
  query: `place=jira:issuePanel&state=${state}`,
  framed: true,
  ready: 'footer, h2, [role=alert]',
  ...more,
});
const press = (name) => (content) => content.getByRole('button', { name }).first().click();

const settings = (name, { state = 'flows', path = '/flows', ...more } = {}) => ({
  name: `settings-${name}`,
  query: `place=jira:projectSettingsPage&state=${state}&path=${path}`,
  framed: false,
  ready: 'table, h2, [role=alert]',
  ...more,
});
const admin = (state, more = {}) => ({
  name: `admin-${state}`,
  query: `place=jira:adminPage&state=${state}`,
  framed: false,
  ready: 'article, [role=alert]',
  ...more,
});

export const SCREENS = [
  ...Object.keys(PANELS).map((state) => panel(state)),
  panel('loading', { ready: '[role=status]' }),
  panel('error', { ready: '[role=alert]' }),
  panel('approval', { name: 'panel-change', act: press('Change') }),
  panel('approval', { name: 'panel-reject', act: press('Reject') }),
  panel('approval', {
    name: 'panel-refused',
    query: 'place=jira:issuePanel&state=approval&refuse=answer',
    act: async (content) => {
      await press('Approve and send')(content);
      await content.getByRole('alert').waitFor();
    },
  }),
  panel('running', { name: 'panel-stop', act: press('Stop') }),
  panel('question', {
    name: 'panel-question-wrong',
    act: async (content) => {
      await press('staging')(content);
      await content.getByRole('textbox', { name: 'Customers' }).fill('many');
      await press('Send answer')(content);
    },
  }),
  panel('question', {
    name: 'panel-question-list',
    act: (content) => content.getByRole('combobox', { name: 'Region' }).click(),
  }),
  panel('completed', { name: 'panel-undo', act: press('Undo run…') }),
  panel('completed', { name: 'panel-rerun', act: press('Run once more from…') }),
  panel('failed', { name: 'panel-known', act: press('Show all 5') }),
  panel('undone', {
    name: 'panel-undone-write',
    act: press('Details of: Jira raised the priority of PAY-88'),
  }),

  settings('flows'),
  settings('empty', { state: 'no-flows' }),
  settings('runs', { path: '/runs' }),
  settings('error', { state: 'error' }),
  settings('editor', {
    path: '/flows/premier-escalation',
    ready: 'ol > li > button',
    act: (content) => content.getByRole('button', { name: /gitlab.note.make/ }).click(),
  }),
  settings('syntax', {
    path: '/flows/premier-escalation',
    ready: '.cm-content',
    act: async (content) => {
      await content.locator('.cm-line').nth(3).click();
      await content.locator('.cm-content').press('End');
      await content.locator('.cm-content').pressSequentially(' [oops');
      await content.getByText('Look at the indentation').first().waitFor();
    },
  }),
  settings('refused', {
    act: async (content) => {
      await content.getByText('Stale review nudge is on').waitFor({ state: 'attached' });
      await content
        .getByRole('checkbox', { name: 'Stale review nudge is on' })
        .click({ force: true });
      await content.getByRole('alert').waitFor();
    },
  }),

  admin('admin'),
  admin('error'),
  admin('admin', { name: 'admin-edit', act: press('Edit: Salesforce') }),
  admin('admin', {
    name: 'admin-remove',
    act: async (content) => {
      await press('Edit: GitLab')(content);
      await press('Remove')(content);
    },
  }),
];
