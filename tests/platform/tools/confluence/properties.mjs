/**
 * Content properties of pages: JSON that apps keep on a page, each with its own version.
 * https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-content-properties/
 */
import { noContent, ok } from '../reply.mjs';
import { words } from '../tool.mjs';
import { paged, refusal, versionView } from './site.mjs';

const LARGEST = 32_768;
const PROPERTIES = '/wiki/api/v2/pages/:page/properties';

export function properties(tool, site) {
  const of = (page) => site.properties.list(({ pageId }) => pageId === page.id);
  const one = ({ params, actor }, verb) => {
    const page = site.page(params.page, actor, verb);
    const held = site.properties.get(params.id);
    if (held?.pageId !== page.id) throw refusal(404, 'Not Found');
    return held;
  };
  const keep = (held, { key, value }, number, message, actor) => {
    check(key, value);
    const version = {
      number, message: message ?? '', minorEdit: false,
      authorId: site.jira.account(actor), createdAt: site.world.iso(),
    };
    return site.properties.put(held.id, { ...held, key, value, version });
  };

  // …#api-pages-page-id-properties-get
  tool.get(PROPERTIES, (call) => {
    const keys = words(call.query, 'key');
    const found = of(site.page(call.params.page, call.actor))
      .filter(({ key }) => keys.length === 0 || keys.includes(key));
    return ok(paged(call, found.map(view)));
  });

  // …#api-pages-page-id-properties-post
  tool.post(PROPERTIES, ({ params, body, actor }) => {
    const page = site.page(params.page, actor, 'write');
    if (of(page).some(({ key }) => key === body?.key)) {
      throw refusal(409, `Property with key ${body.key} already exists`);
    }
    const blank = { id: String(site.properties.next(40_001)), pageId: page.id };
    return ok(view(keep(blank, body ?? {}, 1, '', actor)));
  });

  // …#api-pages-page-id-properties-property-id-get
  tool.get(`${PROPERTIES}/:id`, (call) => ok(view(one(call, 'read'))));

  // …#api-pages-page-id-properties-property-id-put
  tool.put(`${PROPERTIES}/:id`, (call) => {
    const held = one(call, 'write');
    const { number, message } = call.body?.version ?? {};
    if (number !== held.version.number + 1) {
      throw refusal(409, `Version must be ${held.version.number + 1}, not ${number}`);
    }
    return ok(view(keep(held, call.body, number, message, call.actor)));
  });

  // …#api-pages-page-id-properties-property-id-delete
  tool.delete(`${PROPERTIES}/:id`, (call) => {
    site.properties.delete(one(call, 'write').id);
    return noContent();
  });
}

function check(key, value) {
  if (typeof key !== 'string' || key === '' || key.length > 255) {
    throw refusal(400, 'key must be a string of 1 to 255 characters');
  }
  if (value === undefined) throw refusal(400, 'value is needed');
  if (Buffer.byteLength(JSON.stringify(value)) > LARGEST) {
    throw refusal(413, 'A property value may hold at most 32 KB.');
  }
}

const view = ({ id, key, value, version }) => ({ id, key, value, version: versionView(version) });
