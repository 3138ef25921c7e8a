/**
 * Confluence Cloud, as far as Tutti's flows go: pages with versions, properties and spaces as its
 * REST API v2 has them. https://developer.atlassian.com/cloud/confluence/rest/v2/
 */
import { Tool } from '../tool.mjs';
import { pages } from './pages.mjs';
import { properties } from './properties.mjs';
import { Site, refusal } from './site.mjs';

export function createConfluence(world, jira) {
  const site = new Site(world, jira);
  const unauthorized = () => refusal(401, 'Unauthorized');
  const tool = new Tool('confluence', world, {
    authenticate: ({ headers }) => {
      const actor = headers.get('x-tutti-actor');
      if (!actor || !jira.user(actor)?.active) throw unauthorized();
      return actor;
    },
    check: (call) => world.contract.request('confluence', call),
    unauthorized,
    refusal: (status, headers) => refusal(status, titles[status] ?? 'Error', headers),
    invalid: (problems) => refusal(400, problems.join('; ')),
  });
  pages(tool, site);
  properties(tool, site);
  return { app: tool.app, site, world: () => shown(site) };
}

const titles = {
  403: 'Current user not permitted to use Confluence',
  404: 'Not Found',
  409: 'Conflict',
  429: 'Rate limit exceeded',
};

/** Everything the site holds, with every version of every page. */
function shown(site) {
  const pages = site.pages.list().map((page) => [page.id, {
    ...page,
    versions: site.versionsOf(page).map(({ pageId, body, ...version }) => version),
    body: site.current(page).body,
    properties: Object.fromEntries(
      site.properties.list(({ pageId }) => pageId === page.id)
        .map(({ key, value }) => [key, value])),
  }]);
  return { spaces: site.spaces.list(), pages: Object.fromEntries(pages) };
}
