// Answers the resolver functions from fixtures, as the real backend would in that state.

import { PANELS } from './fixtures/escalation.mjs';

const ok = (value) => ({ ok: value });
const refuse = (code, message, hint, problems) => ({ error: { code, message, hint, problems } });

/** Never answers: the page stays in its loading state. */
const never = () => new Promise(() => {});

function afterAnswer(state, { run, effect, answer, reason }) {
  const found = PANELS[state].runs.find(({ id }) => id === run);
  const said = { approve: 'approved the reply', modify: 'approved a changed reply', reject: 'rejected the reply' };
  return {
    ...found,
    state: answer === 'reject' ? 'completed_with_gaps' : 'running',
    ended_at: answer === 'reject' ? PANELS[state].now : null,
    gaps: answer === 'reject' ? ['The customer was not told.'] : [],
    approvals: found.approvals.filter((asked) => asked.effect !== effect),
    timeline: [...found.timeline, {
      ...found.timeline.at(-1), seq: 99, at: PANELS[state].now, state: 'done',
      text: `Dana Reyes ${said[answer]}`, detail: reason ?? '',
    }],
  };
}

const FUNCTIONS = {
  panel: (state) => ok(PANELS[state]),
  answer: (state, payload) => ok(afterAnswer(state, payload)),
  cancel: (state, { run }) => ok(PANELS[state].runs.find(({ id }) => id === run)),
};

/** States in which every call ends the same way. */
const ALWAYS = {
  loading: never,
  error: () => refuse('storage_unavailable', 'Tutti could not read its runs.',
    'Jira’s storage did not answer. Try again in a minute.'),
};

export async function backend(query, name, payload) {
  const state = query.get('state');
  if (ALWAYS[state]) return ALWAYS[state]();
  if (query.get('refuse') === name) {
    return refuse('payload_changed', 'The reply changed while you were reading it.',
      'Read the new version below and answer again.');
  }
  const answered = FUNCTIONS[name]?.(state, payload);
  if (!answered) throw new Error(`no function ${name}`);
  return answered;
}
