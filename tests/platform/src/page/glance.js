/**
 * Each tool at a glance: the few things in it a person would look at. What is not known here is
 * still in the tree below.
 */
import { adf, h } from './dom.js';

const values = (held) => Object.values(held ?? {});
const said = (who, what) => h('blockquote', {}, h('span.name', {}, `${who} `), what);

/**
 * @typedef {{title: string, facts?: string[], body?: (Node | string)[]}} Glance
 * @type {Record<string, (held: any) => Glance[]>}
 */
const GLANCES = {
  salesforce: ({ cases, caseComments = [] }) =>
    values(cases).map((each) => ({
      title: `Case ${each.CaseNumber} ${each.Subject}`,
      facts: [each.Status, each.Priority, each.Jira_Key__c],
      body: caseComments
        .filter(({ ParentId }) => ParentId === each.Id)
        .map(({ CommentBody, IsPublished }) =>
          said(IsPublished ? 'to the customer' : 'internal', CommentBody),
        ),
    })),
  jira: ({ issues, versions = [] }) => [
    ...Object.entries(issues ?? {}).map(([key, issue]) => ({
      title: `${key} ${issue.summary}`,
      facts: [issue.status, issue.priority, ...issue.fixVersions],
      body: [
        ...(issue.remoteLinks ?? []).map((link) =>
          said('link', link.object?.title ?? link.globalId ?? ''),
        ),
        ...(issue.comments ?? []).map(({ body }) => said('comment', adf(body))),
      ],
    })),
    ...versions.map(({ name, released }) => ({
      title: `Version ${name}`,
      facts: [released ? 'released' : 'not released'],
    })),
  ],
  gitlab: ({ mergeRequests, pipelines }) => [
    ...values(mergeRequests).map(({ iid, title, state, labels = [], notes = [] }) => ({
      title: `!${iid} ${title}`,
      facts: [state, ...labels],
      body: notes.map(({ body }) => said('note', body)),
    })),
    ...values(pipelines).map(({ id, status }) => ({ title: `Pipeline ${id}`, facts: [status] })),
  ],
  slack: ({ channels }) =>
    values(channels).map(({ name, direct, messages }) => ({
      title: name ? `#${name}` : `Direct to ${direct}`,
      body: messages.map(({ user, bot_id: bot, text, edited }) =>
        said(`${user ?? bot ?? ''}${edited ? ' (edited)' : ''}`, text),
      ),
    })),
  confluence: ({ pages }) =>
    values(pages).map(({ title, version, body }) => ({
      title,
      facts: [`version ${version}`],
      body: [documentOf(body)],
    })),
};

/** @returns {HTMLElement[]} */
export function glance(tool, held) {
  try {
    return (GLANCES[tool]?.(held) ?? []).map(({ title, facts = [], body = [] }) =>
      h(
        'article.glance',
        { 'data-tool': tool },
        h('strong', {}, title),
        h(
          'div.facts',
          {},
          facts.filter(Boolean).map((fact) => h('span', {}, fact)),
        ),
        body,
      ),
    );
  } catch {
    // Another world than the one this was written for; the tree shows it.
    return [];
  }
}

function documentOf({ representation, value }) {
  return representation === 'atlas_doc_format' ? adf(JSON.parse(value)) : value;
}
