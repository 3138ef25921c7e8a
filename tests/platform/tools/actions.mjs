/**
 * What people outside Tutti do in the tools: escalate a case, merge, release, edit, change their
 * mind. The page offers them as buttons, a world schedules some of them, tests call them.
 */
import { createHmac } from 'node:crypto';

import { update as updatePage } from './confluence/pages.mjs';
import { finishPipeline, merge } from './gitlab/index.mjs';
import { addHook } from './gitlab/hooks.mjs';
import { edit } from './jira/issues.mjs';
import { update } from './jira/versions.mjs';

/**
 * @typedef {object} Action
 * @property {string} label
 * @property {string} about
 * @property {(tools: object, input: object) => unknown} run
 */

/** @type {Record<string, Action>} */
export const ACTIONS = {
  escalate: {
    label: 'Escalate the case in Salesforce',
    about: 'Salesforce sends its signed webhook. With `lastModified` or `eventId`, another event.',
    run: escalate,
  },
  'finish-pipeline': {
    label: 'Pipeline 5001 succeeds',
    about: 'GitLab ends the pipeline and tells its webhooks. With `status: failed`, it fails.',
    run: ({ gitlab, cast }, { status = 'success' }) => {
      const { status: now } = gitlab.forge.pipelines.get(cast.pipeline);
      if (now !== 'running') throw new Error(`pipeline ${cast.pipeline} has ended: ${now}`);
      return finishPipeline(gitlab.forge, { id: cast.pipeline, status });
    },
  },
  'merge-mr': {
    label: 'Merge !913',
    about: 'A maintainer merges the fix.',
    run: ({ gitlab, cast }) => {
      const { project, mergeRequest: iid, maintainer: userId } = cast;
      const { state } = gitlab.forge.mergeRequest(gitlab.forge.project(project), iid);
      if (state !== 'opened') throw new Error(`!${iid} is ${state}`);
      return merge(gitlab.forge, { project, iid, userId });
    },
  },
  'release-version': {
    label: 'Release 4.12.3 in Jira',
    about: 'The release manager releases the version; Jira raises its event.',
    run: ({ jira, cast }) => {
      const held = jira.site.versions.get(cast.version);
      if (held.released) throw new Error(`version ${held.name} is released`);
      return update(jira.site, held, { released: true }, cast.releaseManager);
    },
  },
  'edit-case': {
    label: 'The customer edits the case',
    about: 'The description changes, and with it the time of the last change.',
    run: ({ salesforce, cast }, { fields }) => {
      const { Description: text } = salesforce.org.read('Case', cast.case);
      const more = fields ?? { Description: `${text}\n\nUpdate: it also fails on mobile.` };
      salesforce.org.update('Case', cast.case, more, cast.caseOwner);
      return salesforce.org.read('Case', cast.case);
    },
  },
  'edit-page': {
    label: 'Somebody edits the account log',
    about: 'Dana adds a paragraph to the Confluence page.',
    run: ({ confluence, cast }, { text = 'Called ACME, they are patient.' }) => {
      const { site } = confluence;
      const page = site.page(cast.accountLog, cast.author, 'write');
      const { title, body: { value } } = site.current(page);
      const document = JSON.parse(value);
      document.content.push({ type: 'paragraph', content: [{ type: 'text', text }] });
      const body = { representation: 'atlas_doc_format', value: JSON.stringify(document) };
      const version = { number: page.version + 1 };
      return updatePage(site, page, { ...page, status: 'current', title, body, version }, cast.author);
    },
  },
  'change-priority': {
    label: 'Somebody lowers the priority of PAY-88',
    about: 'Ben sets it to Low by hand.',
    run: ({ jira, cast }, { priority = 'Low' }) => {
      const issue = jira.site.issue(cast.issue, cast.assignee);
      return edit(jira.site, issue, { fields: { priority: { name: priority } } }, cast.assignee);
    },
  },
};

const TOOLS = ['jira', 'confluence', 'salesforce', 'gitlab', 'slack', 'model'];

for (const tool of TOOLS) {
  ACTIONS[`break-${tool}`] = {
    label: `Break ${tool}`,
    about: 'Every request fails with 500 until it is mended.',
    run: ({ world }) => world.faults.add({ tool, effect: 'status', status: 500, times: null }),
  };
  ACTIONS[`mend-${tool}`] = {
    label: `Mend ${tool}`,
    about: 'Takes away all its faults.',
    run: ({ world }) => world.faults.clear({ tool }),
  };
}

/** Salesforce's flow posts to the web trigger it was configured with, signed. */
function escalate({ world, cast }, input) {
  const { url, secret } = world.settings.get('salesforce.webhook') ?? {};
  if (!url) throw new Error('Salesforce has no webhook yet: POST /configure first');
  const { eventId, caseId, lastModified } = { ...cast.escalation, ...input };
  const body = JSON.stringify({ eventId, caseId, lastModified });
  world.raise({
    kind: 'http',
    url,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-tutti-signature': sign(secret, body, world.now()),
    },
    body,
  });
  return { eventId, caseId, lastModified };
}

/** `t=<unix seconds>,v1=<hex hmac-sha256 of "<t>.<body>">` */
export function sign(secret, body, now) {
  const t = Math.floor(now / 1000);
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
}

/** Tells the tools where to send their webhooks, as their admins would. */
export function configure({ world, gitlab, cast }, { salesforce, gitlab: hook }) {
  if (salesforce) world.settings.put('salesforce.webhook', salesforce);
  if (hook) {
    const { forge } = gitlab;
    const project = forge.project(cast.project);
    for (const { id, url } of forge.hooks.list()) if (url === hook.url) forge.hooks.delete(id);
    addHook(forge, project, {
      url: hook.url, token: hook.token, push_events: false, pipeline_events: true,
      merge_requests_events: true,
    });
  }
}
