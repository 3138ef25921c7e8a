/**
 * Records over REST, one request at a time; Composite performs its parts through the same function.
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_retrieve.htm
 */
import { created, noContent, ok } from '../reply.mjs';
import { notFound, refusal } from './org.mjs';
import { run } from './soql.mjs';

const DATA = /^\/services\/data\/v(\d+\.\d)\/(.*)$/;

/**
 * Performs one request on the org.
 * @param {{method: string, url: URL, headers: Headers, body: any, actor: string}} request
 * @returns {import('../reply.mjs').Reply}
 */
export function perform(org, { method, url, headers, body, actor }) {
  const [, version, path] = DATA.exec(url.pathname) ?? [];
  if (!path) throw notFound();
  const attributes = (object, record) =>
    ({ type: object, url: `/services/data/v${version}/sobjects/${object}/${record.Id}` });
  const [kind, object, id] = path.split('/').map(decodeURIComponent);
  if (kind === 'query' && method === 'GET') {
    return ok(run(org, url.searchParams.get('q') ?? '', attributes));
  }
  if (kind !== 'sobjects' || !object) throw notFound();
  const values = () => fieldsOf(body);
  const route = {
    'GET id': () => read(org, object, id, { url, headers, attributes }),
    'POST all': () => {
      const made = org.create(object, values(), actor);
      return created({ id: made, success: true, errors: [] });
    },
    'PATCH id': () => {
      unlessChanged(org.read(object, id), headers);
      org.update(object, id, values(), actor);
      return noContent();
    },
    'DELETE id': () => {
      org.delete(object, id);
      return noContent();
    },
  }[`${method} ${id ? 'id' : 'all'}`];
  if (!route) {
    throw refusal(405, 'METHOD_NOT_ALLOWED', `HTTP Method '${method}' not allowed.`);
  }
  return route();
}

function read(org, object, id, { url, headers, attributes }) {
  const record = org.read(object, id);
  unlessChanged(record, headers);
  const wanted = url.searchParams.get('fields')?.split(',');
  const unknown = wanted?.find((name) => !(name in record));
  if (unknown) {
    throw refusal(400, 'INVALID_FIELD', `No such column '${unknown}' on entity '${object}'.`);
  }
  const shown = wanted
    ? Object.fromEntries(['Id', ...wanted].map((name) => [name, record[name]]))
    : record;
  return ok({ attributes: attributes(object, record), ...shown }, {
    'last-modified': new Date(record.LastModifiedDate).toUTCString(),
    etag: etag(record),
  });
}

function fieldsOf(body) {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw refusal(400, 'JSON_PARSER_ERROR', 'The HTTP entity body is required, as a JSON object.');
  }
  const { attributes, ...fields } = body;
  return fields;
}

const etag = (record) => `"${Date.parse(record.LastModifiedDate)}"`;

/**
 * Conditional requests: refuses if the record is not as the caller has seen it.
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_conditional_requests.htm
 */
function unlessChanged(record, headers) {
  const since = headers.get('if-unmodified-since');
  const seen = headers.get('if-match');
  // HTTP dates know no milliseconds.
  const modified = Math.floor(Date.parse(record.LastModifiedDate) / 1000) * 1000;
  const changed = (since && modified > Date.parse(since)) || (seen && seen !== etag(record));
  if (changed) {
    const message = 'The record has been changed since it was read.';
    throw refusal(412, 'PRECONDITION_FAILED', message);
  }
}
