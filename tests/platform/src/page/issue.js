/**
 * Where the app appears in Jira: on an issue, in a project's settings, in the administration.
 */
import { get } from './api.js';
import { adf, h } from './dom.js';

const APP_MARK = () => h('span.mark');

/** @param {import('./page.js').Page} page */
export async function issueView(page, key) {
  const read = () => get(`/api/bridge/issue/${encodeURIComponent(key)}`);
  const { fields, ...issue } = await read();
  const facts = new Facts(fields);
  page.host.events.addEventListener('quiet', async () => facts.show((await read()).fields));
  const { project } = fields;
  const extension = {
    issue: {
      key: issue.key,
      id: issue.id,
      type: fields.issuetype?.name,
      typeId: fields.issuetype?.id,
    },
    project: { key: project.key, id: project.id, type: project.projectTypeKey ?? 'software' },
  };
  document.title = `[${issue.key}] ${fields.summary} - Jira`;
  return h(
    'div.issue',
    {},
    h(
      'div',
      {},
      h(
        'nav.crumbs',
        { 'aria-label': 'Breadcrumbs' },
        h('a', { href: '/' }, 'Projects'),
        ' / ',
        project.name ?? project.key,
        ' / ',
        h('a', { href: `/browse/${issue.key}` }, issue.key),
      ),
      facts.summary,
      actions(page, extension),
      h('h2', {}, 'Description'),
      facts.description,
      panels(page, 'jira:issuePanel', extension),
      panels(page, 'jira:issueActivity', extension),
    ),
    h(
      'div',
      {},
      facts.status,
      h('section.card', {}, h('h2', {}, 'Details'), facts.details),
      contexts(page, extension),
    ),
  );
}

const panels = (page, type, extension) =>
  page
    .modulesOf(type)
    .flatMap((module) => [
      h('div.app-head', {}, APP_MARK(), module.title ?? page.app),
      page.host.open({ module, extension: { type, ...extension } }).element,
    ]);

const contexts = (page, extension) =>
  page
    .modulesOf('jira:issueContext')
    .map((module) =>
      h(
        'section.card',
        {},
        h('h2', {}, module.title ?? page.app),
        page.host.open({ module, extension: { type: module.type, ...extension } }).element,
      ),
    );

function actions(page, extension) {
  const modules = page.modulesOf('jira:issueAction');
  if (modules.length === 0) return undefined;
  return h(
    'div',
    {},
    modules.map((module) =>
      h(
        'button',
        {
          type: 'button',
          onclick: () =>
            page.modals.show({
              module,
              extension: { type: module.type, ...extension },
              title: module.title,
            }),
        },
        module.title ?? module.key,
      ),
    ),
  );
}

/** What Jira shows of the issue, shown again whenever it may have changed. */
class Facts {
  constructor(fields) {
    this.summary = h('h1');
    this.description = h('div.body');
    this.status = h('button.status', { type: 'button' });
    this.details = h('dl.details');
    this.show(fields);
  }

  show(fields) {
    this.summary.textContent = fields.summary;
    this.description.replaceChildren(adf(fields.description));
    this.status.textContent = `${fields.status?.name ?? 'Open'} ▾`;
    this.details.replaceChildren(...details(fields));
  }
}

function details(fields) {
  const names = (list = []) => list.map(({ name }) => name).join(', ');
  const rows = {
    Assignee: person(fields.assignee),
    Priority: fields.priority?.name,
    Components: names(fields.components),
    'Fix versions': names(fields.fixVersions),
    Labels: (fields.labels ?? []).join(', '),
    Reporter: person(fields.reporter),
  };
  return Object.entries(rows).flatMap(([name, value]) => [
    h('dt', {}, name),
    h('dd', {}, value || h('span.quiet', {}, 'None')),
  ]);
}

const person = (user) => user && h('span.person', {}, h('span.avatar'), user.displayName);

/** A page of the app beside Jira's own navigation. */
export async function settingsView(page, { moduleKey, projectKey }) {
  const module = page.module(moduleKey);
  const scope = projectKey ? { project: { key: projectKey } } : {};
  const type = module.type;
  document.title = `${module.title ?? module.key} - Jira`;
  const link = (each) =>
    h(
      'a',
      {
        href: projectKey
          ? `/projects/${projectKey}/settings/${each.key}`
          : `/${type === 'jira:adminPage' ? 'admin' : 'apps'}/${each.key}`,
        'aria-current': each.key === moduleKey && 'page',
      },
      each.title ?? each.key,
    );
  const native = projectKey
    ? ['Details', 'Access', 'Notifications', 'Work types', 'Workflows', 'Fields', 'Automation']
    : ['System', 'Products', 'Projects', 'Work items', 'Users'];
  return h(
    'div.framed',
    {},
    h(
      'nav.side',
      { 'aria-label': projectKey ? 'Project settings' : 'Administration' },
      h('h2', {}, projectKey ? 'Project settings' : 'Jira administration'),
      native.map((name) => h('a', { href: '#', onclick: (event) => event.preventDefault() }, name)),
      h('h2', {}, 'Apps'),
      page.modulesOf(type).map(link),
    ),
    h(
      module.layout === 'basic' ? 'div.full.basic' : 'div.full',
      {},
      module.layout === 'basic' ? undefined : heading(page, module, projectKey),
      page.host.open({ module, extension: { type, ...scope }, fill: true }).element,
    ),
  );
}

/** What Jira puts above a page of the app, unless its layout is `basic`. */
function heading(page, module, projectKey) {
  const way = projectKey
    ? ['Projects / ', projectKey, ' / Project settings / Apps']
    : 'Administration / Apps';
  return [
    h('nav.crumbs', { 'aria-label': 'Breadcrumbs' }, way),
    h('h1', {}, module.title ?? page.app),
  ];
}

/** Where to go from here. */
export async function homeView(page) {
  const world = await get('/api/world');
  const issues = Object.entries(world.jira?.issues ?? {});
  const projects = world.jira?.projects ?? [];
  const link = (href, text) => h('li', {}, h('a', { href }, text));
  return h(
    'div.home',
    {},
    h('h1', {}, 'Your site'),
    h('h2', {}, 'Work items'),
    issues.length === 0
      ? h('p.quiet', {}, 'None yet. Seed a world, or open /browse/<key>.')
      : h(
          'ul',
          {},
          issues.map(([key, { summary }]) => link(`/browse/${key}`, `${key} ${summary}`)),
        ),
    h('h2', {}, 'Project settings'),
    h(
      'ul',
      {},
      projects.flatMap(({ key, name }) =>
        page
          .modulesOf('jira:projectSettingsPage')
          .map((module) =>
            link(
              `/projects/${key}/settings/${module.key}`,
              `${name ?? key}: ${module.title ?? module.key}`,
            ),
          ),
      ),
    ),
    h('h2', {}, 'Administration'),
    h(
      'ul',
      {},
      page
        .modulesOf('jira:adminPage')
        .map((module) => link(`/admin/${module.key}`, module.title ?? module.key)),
      page
        .modulesOf('jira:globalPage')
        .map((module) => link(`/apps/${module.key}`, module.title ?? module.key)),
    ),
  );
}
