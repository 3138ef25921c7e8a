/**
 * Properties of issues: JSON that apps keep on an issue.
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-properties/
 */
import { noContent, ok, reply } from '../reply.mjs';
import { SITE, refusal } from './site.mjs';

const LARGEST = 32_768;
const PROPERTIES = '/rest/api/3/issue/:key/properties';

export function properties(tool, site) {
  // …#api-rest-api-3-issue-issueidorkey-properties-get
  tool.get(PROPERTIES, ({ params, actor }) => {
    const issue = site.issue(params.key, actor);
    const keys = site.propertiesOf(issue).map(({ key }) => ({
      self: `${SITE}/rest/api/3/issue/${issue.id}/properties/${key}`,
      key,
    }));
    return ok({ keys });
  });

  // …#api-rest-api-3-issue-issueidorkey-properties-propertykey-get
  tool.get(`${PROPERTIES}/:property`, ({ params, actor }) => {
    const held = site.propertyOf(site.issue(params.key, actor), params.property);
    if (!held) throw missing(params.property);
    return ok({ key: held.key, value: held.value });
  });

  // …#api-rest-api-3-issue-issueidorkey-properties-propertykey-put
  tool.put(`${PROPERTIES}/:property`, ({ params, body, actor }) => {
    const issue = site.writable(params.key, actor);
    return reply(setProperty(site, issue, params.property, body) ? 201 : 200);
  });

  // …#api-rest-api-3-issue-issueidorkey-properties-propertykey-delete
  tool.delete(`${PROPERTIES}/:property`, ({ params, actor }) => {
    const issue = site.writable(params.key, actor);
    if (!site.properties.delete(`${issue.id}/${params.property}`)) throw missing(params.property);
    return noContent();
  });
}

const missing = (key) => refusal(404, `The property with key '${key}' does not exist.`);

/** Refuses what no entity property can be: no key, no JSON, or more than 32 KB of it. */
export function checkProperty(key, value) {
  if (!key || key.length > 255) {
    throw refusal(400, 'The length of the property key must be between 1 and 255 characters.');
  }
  if (value === undefined) {
    throw refusal(400, 'The property value must be a valid, non-empty JSON.');
  }
  if (Buffer.byteLength(JSON.stringify(value)) > LARGEST) {
    throw refusal(400, `The property value must be at most ${LARGEST} characters long.`);
  }
}

/** Sets a property; true if it is new. */
export function setProperty(site, issue, key, value) {
  checkProperty(key, value);
  const id = `${issue.id}/${key}`;
  const isNew = site.properties.get(id) === undefined;
  site.properties.put(id, { issueId: issue.id, key, value });
  return isNew;
}
