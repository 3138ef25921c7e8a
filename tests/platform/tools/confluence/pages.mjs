/**
 * Pages and spaces of Confluence.
 * https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-page/
 */
import { noContent, ok } from '../reply.mjs';
import { words } from '../tool.mjs';
import { pageUpdated } from './events.mjs';
import { pageView, paged, refusal, spaceView, versionView } from './site.mjs';

const PAGES = '/wiki/api/v2/pages';
const SPACES = '/wiki/api/v2/spaces';

export function pages(tool, site) {
  const visible = (actor) =>
    site.pages.list((page) => site.may(actor, 'read', site.spaces.get(page.spaceId)));
  const shown = (call, found) =>
    ok(paged(call, found.map((page) => pageView(site, page, call.query.get('body-format')))));

  // …/api-group-page/#api-pages-get
  tool.get(PAGES, (call) => {
    const [ids, spaces] = [words(call.query, 'id'), words(call.query, 'space-id')];
    const title = call.query.get('title');
    return shown(call, visible(call.actor).filter((page) =>
      (ids.length === 0 || ids.includes(page.id)) &&
      (spaces.length === 0 || spaces.includes(page.spaceId)) &&
      (title === null || page.title === title)));
  });

  // …/api-group-page/#api-spaces-id-pages-get
  tool.get(`${SPACES}/:id/pages`, (call) => {
    const title = call.query.get('title');
    return shown(call, visible(call.actor).filter((page) =>
      page.spaceId === call.params.id && (title === null || page.title === title)));
  });

  // …/api-group-page/#api-pages-id-get
  tool.get(`${PAGES}/:id`, ({ params, query, actor }) => {
    const page = site.page(params.id, actor);
    const number = query.get('version') ?? page.version;
    const version = site.versions.get(`${page.id}/${number}`);
    if (!version) throw refusal(404, 'Not Found');
    return ok(pageView(site, page, query.get('body-format'), version));
  });

  // …/api-group-page/#api-pages-post
  tool.post(PAGES, ({ body, query, actor }) => {
    const page = create(site, body ?? {}, actor);
    return ok(pageView(site, page, query.get('body-format') ?? body.body?.representation));
  });

  // …/api-group-page/#api-pages-id-put
  tool.put(`${PAGES}/:id`, ({ params, body, actor }) => {
    const page = update(site, site.page(params.id, actor, 'write'), body ?? {}, actor);
    return ok(pageView(site, page, site.current(page).body.representation));
  });

  // …/api-group-page/#api-pages-id-delete
  tool.delete(`${PAGES}/:id`, ({ params, actor }) => {
    site.pages.delete(site.page(params.id, actor, 'write').id);
    return noContent();
  });

  versions(tool, site);
  spaces(tool, site);
}

/** https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-version/ */
function versions(tool, site) {
  tool.get(`${PAGES}/:id/versions`, (call) => {
    const all = site.versionsOf(site.page(call.params.id, call.actor));
    if (call.query.get('sort') !== 'modified-date') all.reverse();
    return ok(paged(call, all.map(versionView)));
  });

  tool.get(`${PAGES}/:id/versions/:number`, ({ params, actor }) => {
    const page = site.page(params.id, actor);
    const version = site.versions.get(`${page.id}/${params.number}`);
    if (!version) throw refusal(404, 'Not Found');
    return ok(versionView(version));
  });
}

/** https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space/ */
function spaces(tool, site) {
  tool.get(SPACES, (call) => {
    const [ids, keys] = [words(call.query, 'ids'), words(call.query, 'keys')];
    const found = site.spaces.list((space) =>
      site.may(call.actor, 'read', space) &&
      (ids.length === 0 || ids.includes(space.id)) &&
      (keys.length === 0 || keys.includes(space.key)));
    return ok(paged(call, found.map(spaceView)));
  });

  tool.get(`${SPACES}/:id`, ({ params, actor }) => {
    const space = site.spaces.get(params.id);
    if (!space || !site.may(actor, 'read', space)) throw refusal(404, 'Not Found');
    return ok(spaceView(space));
  });
}

function create(site, { spaceId, title, body, parentId }, actor) {
  const space = site.spaces.get(spaceId);
  if (!space || !site.may(actor, 'write', space)) throw refusal(404, 'Space does not exist');
  freeTitle(site, spaceId, title);
  const page = {
    id: String(site.pages.next(7_100)),
    spaceId,
    parentId: parentId ?? space.homepageId ?? null,
    authorId: site.jira.account(actor),
    createdAt: site.world.iso(),
  };
  return site.write(page, actor, { number: 1, title, body: site.body(body) });
}

/** A page moves by exactly one version; whoever read an older one is refused. */
export function update(site, page, { id, status, title, body, version }, actor) {
  if (id !== page.id || status !== 'current' || !title) {
    throw refusal(400, 'id, status and title are needed, and the id must be that of the page');
  }
  if (version?.number !== page.version + 1) {
    const given = `Current Version: [${page.version}]. Provided version: [${version?.number}]`;
    throw refusal(409, `Version must be incremented on update. ${given}`);
  }
  if (title !== page.title) freeTitle(site, page.spaceId, title);
  const { number, message, minorEdit } = version;
  const written = site.write(page, actor, {
    number, message, minorEdit, title, body: site.body(body),
  });
  pageUpdated(site, actor, written);
  return written;
}

function freeTitle(site, spaceId, title) {
  if (!title) throw refusal(400, 'A title is needed.');
  const taken = site.pages.list((page) => page.spaceId === spaceId && page.title === title);
  if (taken.length > 0) {
    throw refusal(400, `A page with this title already exists: ${title}`);
  }
}
