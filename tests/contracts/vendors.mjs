/** The vendors' API documents as judges: what each covers and where it is known to be behind. */
import { OpenAPIBackend } from 'openapi-backend';
import swagger2openapi from 'swagger2openapi';
import { contract } from './contracts.mjs';

const newer = (name) => ({ name, in: 'query', schema: { type: 'string' } });

/** By tool: the document, and where its paths begin in our URLs. */
const vendors = {
  jira: { base: '', load: () => contract('jira-v3.json') },
  confluence: { base: '/wiki/api/v2', load: () => contract('confluence-v2.json') },
  gitlab: {
    base: 'https://gitlab.example/api/v4',
    load() {
      const document = contract('gitlab-v4.yml');
      // Every list takes it: https://docs.gitlab.com/api/rest/#pagination
      const notes = document.paths['/projects/{id}/merge_requests/{merge_request_iid}/notes'];
      notes.get.parameters.push(newer('per_page'));
      // Left out for a project, there for a group:
      // https://docs.gitlab.com/api/merge_requests/#list-project-merge-requests
      document.paths['/projects/{id}/merge_requests'].get.parameters.push(newer('search'));
      return document;
    },
  },
  slack: {
    base: 'https://slack.com/api',
    async load() {
      const old = contract('slack-web-2021.json');
      // Younger than the file: https://docs.slack.dev/messaging/message-metadata/
      old.paths['/conversations.history'].get.parameters.push(
        { name: 'include_all_metadata', in: 'query', type: 'boolean' },
      );
      for (const path of ['/chat.postMessage', '/chat.update']) {
        old.paths[path].post.parameters.push({ name: 'metadata', in: 'formData', type: 'object' });
      }
      // The file has numbers where the documentation has text: a timestamp is an id.
      for (const { parameters } of [old.paths['/chat.delete'].post]) {
        parameters.find(({ name }) => name === 'ts').type = 'string';
      }
      // Tokens go into the header, added after the request is made.
      for (const path of Object.values(old.paths)) {
        for (const method of Object.values(path)) {
          method.parameters = method.parameters?.filter(({ name }) => name !== 'token');
        }
      }
      return (await swagger2openapi.convertObj(old, { patch: true, warnOnly: true })).openapi;
    },
  },
};

export const tools = Object.keys(vendors);

/**
 * A judge for one tool: gives what is wrong with a request, as lines of text.
 * @param {string} tool
 */
export async function judge(tool) {
  const { base, load } = vendors[tool];
  const definition = await load();
  nameOperations(definition);
  const api = new OpenAPIBackend({
    definition, quick: true, ajvOpts: { strict: false, validateFormats: false },
  });
  await api.init();
  return ({ method, url, headers, body }) => {
    if (!url.startsWith(base)) return [`${url} is not below ${base}`];
    const asked = {
      method, path: url.slice(base.length), headers, body: body === null ? undefined : body,
    };
    const operation = api.matchOperation(asked);
    if (!operation) return [`the vendor knows no ${method} ${asked.path}`];
    const { errors } = api.validateRequest(asked, operation);
    const faults = (errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
    return [...faults, ...unknownFields(operation, body)];
  };
}

/** The library finds operations by their id, which GitLab's document leaves out. */
function nameOperations({ paths }) {
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.responses) operation.operationId ??= `${method} ${path}`;
    }
  }
}

/** The documents allow any further field; a field they do not name is a typo all the same. */
function unknownFields(operation, body) {
  const content = operation.requestBody?.content ?? {};
  const known = content['application/json']?.schema?.properties;
  if (!known || body === null) return [];
  const unknown = Object.keys(JSON.parse(body)).filter((name) => !(name in known));
  return unknown.map((name) => `the vendor knows no field ${name}`);
}
