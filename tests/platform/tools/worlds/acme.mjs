/**
 * The world of the escalation story: ACME cannot check out, the bug is known as PAY-88, its fix is
 * on the way in GitLab. The pipeline ends, the fix is merged and the version is released by
 * themselves as time goes by.
 */
import { seedConfluence } from './acme-confluence.mjs';
import { seedGitlab } from './acme-gitlab.mjs';
import { PEOPLE, RELEASE, seedJira } from './acme-jira.mjs';
import { ACCOUNT, CASE, SALESFORCE, seedSalesforce } from './acme-salesforce.mjs';
import { seedSlack } from './acme-slack.mjs';

const MINUTE = 60_000;

/** Who and what the actions of this world are about. */
export const CAST = {
  case: CASE,
  caseOwner: SALESFORCE.dana,
  issue: 'PAY-88',
  assignee: PEOPLE.ben,
  accountLog: '7001',
  author: PEOPLE.dana,
  releaseManager: PEOPLE.paula,
  version: RELEASE,
  project: '42',
  mergeRequest: 913,
  pipeline: 5001,
  maintainer: 8,
  escalation: { eventId: 'e-771', caseId: CASE, lastModified: '2026-03-10T08:59:40Z' },
};

/** What an admin types in to connect the tools. They open nothing outside this simulation. */
export const CREDENTIALS = {
  salesforce: {
    base_url: 'https://acme.my.salesforce.com',
    client_id: 'acme-connected-app',
    client_secret: 'simulated-salesforce-secret',
  },
  gitlab: { base_url: 'https://gitlab.com', token: 'simulated-gitlab-token' },
  slack: { token: 'simulated-slack-token' },
  openai: { base_url: 'https://api.openai.com/v1', api_key: 'simulated-model-key' },
};

export function seed(tools) {
  const { world } = tools;
  seedJira(tools.jira.site);
  seedConfluence(tools.confluence.site);
  seedSalesforce(tools.salesforce.org, CREDENTIALS.salesforce);
  seedGitlab(tools.gitlab.forge, CREDENTIALS.gitlab);
  seedSlack(tools.slack.workspace, CREDENTIALS.slack);
  world.collection('model.token').put(CREDENTIALS.openai.api_key, {});
  const now = world.now();
  world.schedule(now + 12 * MINUTE, 'finish-pipeline');
  world.schedule(now + 14 * MINUTE, 'merge-mr');
  world.schedule(now + 20 * MINUTE, 'release-version');
}

export { ACCOUNT, PEOPLE, SALESFORCE };
