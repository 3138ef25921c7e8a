/**
 * The Confluence site itself: spaces, pages with all their versions, and who may see or change
 * them.
 */
import { SITE } from '../jira/site.mjs';
import { Refusal } from '../reply.mjs';
import { storage } from './storage.mjs';

const WIKI = `${SITE}/wiki`;

const CODES = {
  400: 'INVALID_REQUEST_PARAMETER',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  429: 'RATE_LIMITED',
};

/** Confluence's error body, as its REST API v2 gives it. */
export const refusal = (status, title, headers = {}) =>
  new Refusal(
    status,
    { errors: [{ status, code: CODES[status] ?? 'INTERNAL_SERVER_ERROR', title, detail: null }] },
    headers,
  );

export class Site {
  /** @param {import('../jira/site.mjs').Site} jira  people are the same in both products */
  constructor(world, jira) {
    this.world = world;
    this.jira = jira;
    this.spaces = world.collection('confluence.space');
    this.pages = world.collection('confluence.page');
    this.versions = world.collection('confluence.version');
    this.properties = world.collection('confluence.property');
    this.comments = world.collection('confluence.comment');
  }

  may(actor, verb, space) {
    const user = this.jira.user(actor);
    const holders = space.permissions[verb];
    return user?.active === true &&
      (holders.includes('anyone') || holders.includes(user.accountId));
  }

  page(id, actor, verb = 'read') {
    const page = this.pages.get(id);
    const space = page && this.spaces.get(page.spaceId);
    if (!space || !this.may(actor, 'read', space)) throw refusal(404, 'Not Found');
    if (!this.may(actor, verb, space)) {
      throw refusal(403, 'Current user not permitted to use Confluence');
    }
    return page;
  }

  versionsOf(page) {
    return this.versions.list(({ pageId }) => pageId === page.id);
  }

  current(page) {
    return this.versions.get(`${page.id}/${page.version}`);
  }

  /** Keeps a new version of a page; `number` follows the last one. */
  write(page, actor, { number, message = '', minorEdit = false, title, body }) {
    this.versions.put(`${page.id}/${number}`, {
      pageId: page.id,
      number,
      message,
      minorEdit,
      title,
      body,
      authorId: this.jira.account(actor),
      createdAt: this.world.iso(),
    });
    return this.pages.put(page.id, { ...page, title, version: number });
  }

  /** Refuses a body whose representation or value Confluence does not take. */
  body(given) {
    const body = given?.[given?.representation] ?? given;
    const { representation, value } = body ?? {};
    if (typeof value !== 'string' || !['atlas_doc_format', 'storage'].includes(representation)) {
      throw refusal(400, 'body needs a representation (storage, atlas_doc_format) and a value');
    }
    if (representation === 'atlas_doc_format') {
      const problems = this.world.contract.document(json(value));
      if (problems.length > 0) {
        throw refusal(400, `Invalid body: ${problems[0]}`).because(problems[0]);
      }
    }
    return { representation, value };
  }
}

const json = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const versionView = ({ number, message, minorEdit, authorId, createdAt }) =>
  ({ createdAt, message, number, minorEdit, authorId });

/** A body in the wanted format. Storage written by somebody is not turned into a document. */
export function bodyView({ representation, value }, format) {
  if (!format) return {};
  if (format === representation) return { [format]: { value, representation } };
  if (format === 'storage') {
    return { storage: { value: storage(JSON.parse(value)), representation: 'storage' } };
  }
  throw refusal(400, `The simulator has this body as ${representation} only.`);
}

/** A page as v2 shows it, at its current version or an older one. */
export function pageView(site, page, format, version = site.current(page)) {
  const space = site.spaces.get(page.spaceId);
  return {
    id: page.id,
    status: 'current',
    title: version.title,
    spaceId: page.spaceId,
    parentId: page.parentId,
    parentType: page.parentId ? 'page' : null,
    position: 0,
    authorId: page.authorId,
    ownerId: page.authorId,
    lastOwnerId: null,
    createdAt: page.createdAt,
    version: versionView(version),
    body: bodyView(version.body, format),
    _links: {
      webui: `/spaces/${space.key}/pages/${page.id}`,
      editui: `/pages/resumedraft.action?draftId=${page.id}`,
      tinyui: `/x/${page.id}`,
      base: WIKI,
    },
  };
}

export const spaceView = ({ id, key, name, homepageId, authorId, createdAt }) => ({
  id,
  key,
  name,
  type: 'global',
  status: 'current',
  authorId,
  createdAt,
  homepageId,
  description: null,
  icon: null,
  _links: { webui: `/spaces/${key}` },
});

/** One page of a list, the way v2 pages: a cursor in `_links.next`. */
export function paged(call, results) {
  const limit = Math.min(Number(call.query.get('limit') ?? 25), 250);
  const start = Number(Buffer.from(call.query.get('cursor') ?? '', 'base64url').toString() || 0);
  const end = start + limit;
  const next = new URL(call.url);
  next.searchParams.set('cursor', Buffer.from(String(end)).toString('base64url'));
  const more = end < results.length && { next: next.pathname + next.search };
  return { results: results.slice(start, end), _links: { ...more, base: WIKI } };
}
