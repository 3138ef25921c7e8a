// Every screen worth looking at: where it is, when it is ready, and what to do first.

import { PANELS } from './fixtures/escalation.mjs';

const panel = (state, more = {}) => ({
  name: `panel-${state}`, query: `place=jira:issuePanel&state=${state}`, framed: true,
  ready: 'footer, h2, [role=alert]', ...more,
});
const press = (name) => (content) => content.getByRole('button', { name }).first().click();

export const SCREENS = [
  ...Object.keys(PANELS).map((state) => panel(state)),
  panel('loading', { ready: '[role=status]' }),
  panel('error', { ready: '[role=alert]' }),
  panel('approval', { name: 'panel-change', act: press('Change') }),
  panel('approval', { name: 'panel-reject', act: press('Reject') }),
  panel('approval', { name: 'panel-refused', query: 'place=jira:issuePanel&state=approval&refuse=answer',
    act: async (content) => {
      await press('Approve and send')(content);
      await content.getByRole('alert').waitFor();
    } }),
  panel('running', { name: 'panel-stop', act: press('Stop') }),
];
