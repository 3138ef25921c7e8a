// What the demo tells: the run, its effects and decisions, what the tools hold, and whether all of
// that is as it should be.

const time = (at) => new Date(at).toISOString().slice(11, 19);

/** Everything a reader or a test wants to know of a finished demo. */
export async function tell(app, run, card) {
  const world = await app.world();
  const meter = await app.get('/api/meter');
  const problems = await app.get('/api/tools/problems');
  const actions = run.timeline.filter((entry) => entry.did);
  return {
    run: {
      id: run.id,
      flow: run.flow,
      flow_version: run.flow_version,
      state: run.state,
      reason: run.reason,
      subject: run.subject,
      started_by: run.started_by,
      started_at: run.started_at,
      ended_at: run.ended_at,
      spend: run.spend,
      gaps: run.gaps,
    },
    effects: actions.map(({ step, adapted, did }) => ({
      effect_key: did.effect_key,
      step,
      operation: did.operation,
      class: did.once,
      reversibility: did.reversibility,
      outcome: did.outcome,
      attempts: did.attempts,
      adapted,
    })),
    decisions: run.timeline
      .filter((entry) => entry.decided)
      .map(({ step, decided }) => ({ step, ...decided })),
    approval: {
      effect: card.effect,
      payload_hash: card.payload_hash,
      approver: card.approver,
      policy: card.policy,
    },
    markers: markers(world, run.id),
    meter: { kvs: meter.kvs, queue: meter.queue, realtime: meter.realtime, points: meter.points },
    problems,
    world,
    transcript: transcript(run, card),
  };
}

/** Where in the world each of the run's effect keys was found, and how often. */
function markers(world, run) {
  const found = {};
  const walk = (value, path) => {
    if (typeof value === 'string') {
      for (const [key] of value.matchAll(new RegExp(`${run}/[\\w.-]+/\\d+`, 'g'))) {
        (found[key] ??= []).push(path);
      }
    } else if (value && typeof value === 'object') {
      for (const [name, inner] of Object.entries(value)) walk(inner, `${path}/${name}`);
    }
  };
  const { model: _, ...tools } = world;
  walk(tools, '');
  return found;
}

/** What makes one external object of the many places its key may stand in. */
const OBJECTS = {
  link: ({ jira }) => jira.issues['PAY-88'].remoteLinks,
  comment: ({ jira }) => jira.issues['PAY-88'].comments,
  note: ({ gitlab }) => gitlab.mergeRequests['913'].notes,
  tell: ({ slack }) => slack.channels['C-ESC'].messages.filter((message) => message.bot_id),
  record: ({ confluence }) => confluence.pages['7001'].versions.filter((v) => v.number === 15),
  reply: ({ salesforce }) => salesforce.caseComments.filter((c) => c.IsPublished),
};

/** Everything that is not as the story says; empty when all is well. */
export function faultsOf({ run, effects, world, problems, markers: found }) {
  const faults = [];
  const expect = (holds, fault) => holds || faults.push(fault);
  expect(run.state === 'completed', `the run is ${run.state}: ${run.reason}`);
  for (const effect of effects) {
    expect(effect.outcome === 'confirmed', `${effect.effect_key} is ${effect.outcome}`);
  }
  for (const [step, of] of Object.entries(OBJECTS)) {
    const objects = Object.values(of(world) ?? {});
    const ours = objects.filter((object) => JSON.stringify(object).includes(`${run.id}/${step}/`));
    // A customer's comment has no place for a key: its case carries it, and there is one comment.
    const count = step === 'reply' ? objects.length : ours.length;
    expect(count === 1, `${count} external objects for ${run.id}/${step}/1`);
  }
  const issue = world.jira.issues['PAY-88'];
  const record = world.salesforce.cases['5008d00000ACME01'];
  expect(issue.priority === 'Highest', `PAY-88 has priority ${issue.priority}`);
  expect(Object.keys(issue.properties['tutti.customers']).length === 2, 'not two customers');
  expect(record.Status === 'Solution offered', `the case is ${record.Status}`);
  expect(record.Jira_Key__c === 'PAY-88', `the case names ${record.Jira_Key__c}`);
  expect(found[`${run.id}/reply/1`], 'the case does not carry the reply’s key');
  for (const { tool, method, path, problem } of problems) {
    expect(false, `${tool} found fault with ${method} ${path}: ${problem}`);
  }
  return faults;
}

const SIGNS = { done: '✓', adapted: '↷', waiting: '…', failed: '✗', running: '▸' };

/** The run as a person would tell it. */
function transcript(run, card) {
  const lines = ['', `${run.name} · ${run.id} · started by ${run.started_by}`, ''];
  for (const entry of run.timeline) {
    const took = entry.took_ms ? ` (${entry.took_ms} ms)` : '';
    lines.push(`${time(entry.at)} ${SIGNS[entry.state] ?? ' '} ${entry.text}${took}`);
    if (entry.adapted) lines.push(`           adapted: ${entry.adapted}`);
    if (entry.decided) lines.push(...decision(entry.decided));
    if (entry.did) lines.push(`           ${entry.did.operation} · ${entry.did.effect_key}`);
    if (entry.text === 'Asked for approval') lines.push(...asked(card));
  }
  const { actions, calls, tokens } = run.spend;
  lines.push('', `${run.state}: ${run.reason} · ${actions} actions, ${calls} calls, ${tokens} tokens`, '');
  return lines;
}

function decision({ answer, by, confidence, reasons, evidence, raised }) {
  const estimate = confidence === null ? '' : `, the agent's estimate ${confidence} %`;
  return [
    `           ${JSON.stringify(answer)}`,
    `           by ${by}${estimate}: ${reasons}`,
    ...evidence.map(({ fact, quote }) => `           saw in ${fact}: “${quote}”`),
    ...raised.map((what) => `           raised ${what}`),
  ];
}

function asked(card) {
  return [
    `           who: ${card.approver_name || card.approver} · why: ${card.why}`,
    ...card.changes.map(({ field, before, after }) =>
      `           ${field}: ${before === null ? '' : `${JSON.stringify(before)} → `}${JSON.stringify(after)}`),
  ];
}
