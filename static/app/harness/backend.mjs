// Answers the resolver functions from fixtures, as the real backend would in that state.

import { ADMIN } from './fixtures/admin.mjs';
import { PANELS } from './fixtures/panels.mjs';
import { PROBLEMS, SETTINGS, SOURCE } from './fixtures/settings.mjs';

const ok = (value) => ({ ok: value });
const refuse = (code, message, hint, problems) => ({ error: { code, message, hint, problems } });

/** Never answers: the page stays in its loading state. */
const never = () => new Promise(() => {});

function afterAnswer(state, { run, effect, answer, reason }) {
  const found = PANELS[state].runs.find(({ id }) => id === run);
  const said = {
    approve: 'approved the reply',
    modify: 'approved a changed reply',
    reject: 'rejected the reply',
  };
  return {
    ...found,
    state: answer === 'reject' ? 'completed_with_gaps' : 'running',
    ended_at: answer === 'reject' ? PANELS[state].now : null,
    gaps: answer === 'reject' ? ['The customer was not told.'] : [],
    approvals: found.approvals.filter((asked) => asked.effect !== effect),
    timeline: [
      ...found.timeline,
      {
        ...found.timeline.at(-1),
        seq: 99,
        at: PANELS[state].now,
        state: 'done',
        text: `Dana Reyes ${said[answer]}`,
        detail: reason ?? '',
      },
    ],
  };
}

/** The run once something was said to it, as a line of its timeline tells. */
function afterSaid(state, { run }, text, more) {
  const found = PANELS[state].runs.find(({ id }) => id === run);
  const line = {
    ...found.timeline[0],
    seq: 99,
    at: PANELS[state].now,
    kind: 'person',
    system: 'person',
    text,
    detail: '',
  };
  const said = { ...found, questions: [], timeline: [...found.timeline, line], ...more };
  return ok(said);
}

const FUNCTIONS = {
  panel: (state) => ok(PANELS[state]),
  answer: (state, payload) => ok(afterAnswer(state, payload)),
  reply: (state, given) => afterSaid(state, given, 'Dana Reyes answered', { state: 'running' }),
  resolve: (state, given) =>
    afterSaid(state, given, `Dana Reyes chose ${given.way}`, { state: 'running' }),
  pause: (state, given) =>
    afterSaid(state, given, 'Dana Reyes paused it', {
      state: 'held',
      brakes: ['pause'],
      reason: `paused by Dana Reyes: ${given.reason}`,
    }),
  resume: (state, given) =>
    afterSaid(state, given, 'Dana Reyes let it go on', { state: 'running', brakes: [] }),
  undo: (state, given) =>
    afterSaid(state, given, `Dana Reyes undid ${given.effects.length || 'all'}`, {
      state: 'running',
    }),
  rerun: (state, given) =>
    afterSaid(state, given, `Dana Reyes ran it once more from ${given.step} on`, {
      state: 'running',
      ended_at: null,
      beginnings: [],
    }),
  cancel: (state, { run }) => ok(PANELS[state].runs.find(({ id }) => id === run)),
  export: (_state, { run }) => ok({ name: `${run}.case.json`, text: '{"format":1}' }),

  flows: (state) => ok(SETTINGS[state]),
  flow: (state, { id }) =>
    ok({ id, source: SOURCE, version: 3, enabled: false, problems: PROBLEMS }),
  check: (state, { document }) => ok(document.name === 'Valid' ? [] : PROBLEMS),
  save_flow: (state, { source, document }) =>
    ok({ id: document.id, source, version: 4, enabled: false, problems: PROBLEMS }),
  enable_flow: (state, { id, enabled }) => {
    const row = SETTINGS[state].flows.find((flow) => flow.id === id);
    return enabled && row.problems.some(({ severity }) => severity === 'error')
      ? refuse(
          'does_not_validate',
          `“${row.name}” cannot be turned on yet.`,
          'Open it and mend what is listed here.',
          row.problems,
        )
      : ok({ ...row, enabled });
  },
  stop_flow: (state, { id, stopped }) =>
    ok({
      ...SETTINGS[state].flows.find((flow) => flow.id === id),
      stopped: stopped ? pressed(SETTINGS[state], 'Paula Weber', 'this flow') : null,
    }),
  reopen_flow: (state, { id }) => ok(SETTINGS[state].flows.find((flow) => flow.id === id)),
  stop_site: (state, { stopped }) =>
    ok(stopped ? pressed(ADMIN[state], 'Jonas Falk', 'this site') : null),

  connections: (state) => ok(ADMIN[state]),
  save_connection: (state, { tool, values }) => {
    const row = connection(state, tool);
    return ok({
      ...row,
      status: 'not_checked',
      detail: '',
      checked_at: null,
      fields: row.fields.map((field) => ({
        ...field,
        value: field.secret ? null : values[field.key],
        set: field.set || Boolean(values[field.key]),
      })),
    });
  },
  check_connection: (state, { tool }) =>
    ok({
      ...connection(state, tool),
      status: 'connected',
      detail: 'Answered in 210 ms',
      checked_at: ADMIN[state].now,
    }),
  remove_connection: (state, { tool }) => {
    const row = connection(state, tool);
    return ok({
      ...row,
      status: 'not_connected',
      detail: '',
      checked_at: null,
      fields: row.fields.map((field) => ({ ...field, value: null, set: false })),
    });
  },
  save_hook: (state, { tool }) =>
    ok({ ...ADMIN[state].hooks.find((hook) => hook.tool === tool), set: true }),
};

const pressed = ({ now }, by, what) => ({ at: now - 60_000, by, what });

const connection = (state, tool) => ADMIN[state].connections.find((row) => row.tool === tool);

/** States in which every call ends the same way. */
const ALWAYS = {
  loading: never,
  error: () =>
    refuse(
      'storage_unavailable',
      'Tutti could not read its runs.',
      'Jira’s storage did not answer. Try again in a minute.',
    ),
};

export async function backend(query, name, payload) {
  const state = query.get('state');
  if (ALWAYS[state]) return ALWAYS[state]();
  if (query.get('refuse') === name) {
    return refuse(
      'payload_changed',
      'The reply changed while you were reading it.',
      'Read the new version below and answer again.',
    );
  }
  const answered = FUNCTIONS[name]?.(state, payload);
  if (!answered) throw new Error(`no function ${name}`);
  return answered;
}
