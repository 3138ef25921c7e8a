/**
 * Jira in the world `acme`: the people, project PAY with PAY-88 among other work, and a project
 * that few may see.
 */
import { newIssue } from '../jira/issues.mjs';
import { setProperty } from '../jira/properties.mjs';
import { APP_ACCOUNT } from '../jira/site.mjs';
import { ISSUE_TYPES, PRIORITIES, STATUSES, pick } from '../jira/words.mjs';

export const PEOPLE = {
  dana: '712020:4be1-dana',
  ben: '712020:81c7-ben',
  paula: '712020:2f90-paula',
  jonas: '712020:d3a5-jonas',
  ana: '712020:6c44-ana',
  otto: '712020:97fe-otto',
};

/** The id of version 4.12.3. */
export const RELEASE = '10412';

const ACCOUNTS = [
  [PEOPLE.dana, 'Dana Reyes', 'dana@tutti.example', 'America/New_York'],
  [PEOPLE.ben, 'Ben Okafor', 'ben@tutti.example', 'Europe/London'],
  [PEOPLE.paula, 'Paula Lindt', 'paula@tutti.example', 'Europe/Zurich'],
  [PEOPLE.jonas, 'Jonas Weber', 'jonas@tutti.example', 'Europe/Berlin', { siteAdmin: true }],
  [PEOPLE.ana, 'Ana Sousa', 'ana@tutti.example', 'Europe/Lisbon'],
  [PEOPLE.otto, 'Otto Brandt', 'otto@tutti.example', 'Europe/Vienna'],
  [APP_ACCOUNT, 'Tutti', null, 'Etc/UTC', { accountType: 'app' }],
];

const EVERYONE = ['Administrators', 'Members', 'Apps'];
const PERMISSIONS = {
  ADMINISTER_PROJECTS: ['Administrators'],
  BROWSE_PROJECTS: EVERYONE,
  CREATE_ISSUES: EVERYONE,
  EDIT_ISSUES: EVERYONE,
  ASSIGN_ISSUES: EVERYONE,
  ASSIGNABLE_USER: ['Administrators', 'Members'],
  ADD_COMMENTS: EVERYONE,
  LINK_ISSUES: EVERYONE,
  TRANSITION_ISSUES: EVERYONE,
  DELETE_OWN_COMMENTS: EVERYONE,
  EDIT_OWN_COMMENTS: EVERYONE,
  DELETE_ALL_COMMENTS: ['Administrators'],
  EDIT_ALL_COMMENTS: ['Administrators'],
};

const PROJECTS = [
  {
    id: '10001',
    key: 'PAY',
    name: 'Payments',
    description: 'Checkout, refunds, invoices and the gateway in front of them.',
    leadId: PEOPLE.paula,
    roles: {
      Administrators: [PEOPLE.paula],
      Members: [PEOPLE.dana, PEOPLE.ben, PEOPLE.ana, PEOPLE.jonas],
      Apps: [APP_ACCOUNT],
    },
    permissions: PERMISSIONS,
  },
  {
    id: '10002',
    key: 'SEC',
    name: 'Security',
    leadId: PEOPLE.jonas,
    roles: { Administrators: [PEOPLE.jonas], Members: [], Apps: [] },
    permissions: PERMISSIONS,
  },
];

const VERSIONS = [
  { id: '10410', name: '4.11.0', released: true, releaseDate: '2026-02-17' },
  { id: '10411', name: '4.12.0', released: true, releaseDate: '2026-03-10' },
  { id: RELEASE, name: '4.12.3', released: false },
];

const COMPONENTS = [
  ['10301', 'gateway'], ['10302', 'checkout'], ['10303', 'refunds'], ['10304', 'invoices'],
];

/** key, type, summary, status, priority, component, assignee, what else */
const ISSUES = [
  ['PAY-71', 'Bug', 'Checkout button is cut off on Safari 17', 'Done', 'Low', 'checkout', 'ana'],
  ['PAY-79', 'Bug', 'Gateway logs warn about pool size under load', 'To Do', 'Medium', 'gateway'],
  ['PAY-84', 'Task', 'Rotate the certificate of checkout-gateway', 'Done', 'Low', 'gateway', 'ben'],
  ['PAY-85', 'Story', 'Show saved cards at checkout', 'In Progress', 'Medium', 'checkout', 'ana'],
  ['PAY-86', 'Bug', 'Refunds above 10,000 time out', 'In Review', 'High', 'refunds', 'ana'],
  ['PAY-87', 'Bug', '504 from invoice-service at month end', 'To Do', 'Medium', 'invoices'],
  ['PAY-88', 'Bug', '502 from checkout-gateway ≥ v4.12', 'In Progress', 'High', 'gateway', 'ben', {
    fixVersionIds: [RELEASE],
    versionIds: ['10411'],
    labels: ['gateway', 'regression'],
    description: doc(
      'Since 4.12.0 the checkout gateway answers 502 once its connection pool is exhausted.',
      'PoolExhaustedException: no connection within 30000 ms at GatewayPool.acquire',
      'Workaround: none known. The fix is in merge request !913.',
    ),
  }],
  ['PAY-90', 'Bug', 'Order mail shows the wrong currency', 'To Do', 'Low', 'checkout'],
];

/** Two more days between one issue and the next, so that ORDER BY has something to do. */
const FIRST = Date.parse('2026-02-23T10:00:00Z');
const STEP = 2 * 24 * 60 * 60 * 1000;

export function seedJira(site) {
  for (const [accountId, displayName, emailAddress, timeZone, more] of ACCOUNTS) {
    site.users.put(accountId, {
      accountId, displayName, emailAddress, timeZone, active: true, ...more,
    });
  }
  const [pay, sec] = PROJECTS.map((project) => site.projects.put(project.id, project));
  for (const version of VERSIONS) {
    site.versions.put(version.id, { archived: false, projectId: pay.id, ...version });
  }
  for (const [id, name] of COMPONENTS) site.components.put(id, { id, name, projectId: pay.id });
  ISSUES.forEach((row, at) => seedIssue(site, pay, row, FIRST + at * STEP));
  seedIssue(site, sec, ['SEC-3', 'Bug', 'Leaked key in a repository', 'To Do', 'Highest'], FIRST);
  // Another Enterprise customer has met the bug before.
  setProperty(site, site.issue('PAY-88', 'app'), 'tutti.customers', {
    A7: { name: 'Borealis', tier: 'Enterprise', caseId: '5008d00000BORE01' },
  });
}

function seedIssue(site, project, row, at) {
  const [key, type, summary, status, priority, component, assignee, more] = row;
  site.world.state.skip(`jira.key.${project.key}`, Number(key.split('-')[1]) - 1);
  const issue = newIssue(site, project, pick(ISSUE_TYPES, { name: type }).id, PEOPLE.paula, at);
  const known = COMPONENTS.find(([, name]) => name === component);
  site.issues.put(issue.id, {
    ...issue,
    fields: {
      ...issue.fields,
      summary,
      statusId: pick(STATUSES, { name: status }).id,
      priorityId: pick(PRIORITIES, { name: priority }).id,
      componentIds: known ? [known[0]] : [],
      assigneeId: PEOPLE[assignee] ?? null,
      resolved: status === 'Done' ? site.time(at) : null,
      ...more,
    },
  });
}

function doc(...paragraphs) {
  const content = paragraphs.map((text) => ({
    type: 'paragraph',
    content: [{ type: 'text', text }],
  }));
  return { type: 'doc', version: 1, content };
}
