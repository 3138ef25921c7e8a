/**
 * The vendors' own contracts as judges of every request: OpenAPI for Jira, Confluence and GitLab,
 * Swagger for Slack, JSON Schema for models and Atlassian documents. Each is loaded when it is
 * first needed, and none is needed to run: without the files nothing is judged.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import Draft04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

const OPENAPI = {
  jira: { file: 'jira-v3.json', base: '' },
  confluence: { file: 'confluence-v2.json', base: '/wiki/api/v2' },
  gitlab: { file: 'gitlab-v4.yml', base: '/api/v4' },
};

export class Contract {
  /** @param {string | undefined} folder */
  constructor(folder) {
    this.folder = process.env.TUTTI_VALIDATE === '0' ? undefined : folder;
    this.loaded = new Map();
  }

  has(file) {
    return this.folder !== undefined && existsSync(join(this.folder, file));
  }

  /** Makes what `build` returns once, and gives it every time. */
  once(key, build) {
    if (!this.loaded.has(key)) this.loaded.set(key, build());
    return this.loaded.get(key);
  }

  read(file) {
    const text = readFileSync(join(this.folder, file), 'utf8');
    return file.endsWith('.json') ? JSON.parse(text) : parse(text);
  }

  /**
   * What a vendor's OpenAPI document says against a request; null where nothing can be said.
   * @param {'jira' | 'confluence' | 'gitlab'} vendor
   * @param {import('./tool.mjs').Call} call
   * @returns {Promise<string[] | null>}
   */
  async request(vendor, call) {
    const { file, base } = OPENAPI[vendor];
    if (!this.has(file)) return null;
    const judge = await this.once(vendor, () => openapi(this.read(file)));
    const request = {
      method: call.method,
      path: call.path.slice(base.length),
      headers: Object.fromEntries(call.headers),
      query: call.url.search.slice(1),
      body: call.body,
    };
    const operation = judge.router.matchOperation(request);
    if (!operation) return [`${call.method} ${request.path} is not in ${file}`];
    const { errors } = judge.validateRequest(request, operation);
    return (errors ?? []).map((error) => words(error, call));
  }

  /** What is wrong with an Atlassian document; without the schema only its outer shape counts. */
  document(value) {
    if (value?.type !== 'doc' || value.version !== 1 || !Array.isArray(value.content)) {
      return ['not an Atlassian document: {"type": "doc", "version": 1, "content": […]} is needed'];
    }
    if (!this.has('adf.json')) return [];
    const validate = this.once('adf', () =>
      formats(new Draft04({ strict: false })).compile(this.read('adf.json')));
    return validate(value) ? [] : [`not a valid Atlassian document: ${deepest(validate.errors)}`];
  }

  /** What Slack's document says against the arguments of a method; newer methods are not judged. */
  slack(method, args) {
    if (!this.has('slack-web-2021.json')) return null;
    const { paths } = this.once('slack', () => this.read('slack-web-2021.json'));
    const operation = paths[`/${method}`]?.post ?? paths[`/${method}`]?.get;
    if (!operation) return null;
    const validate = this.once(`slack ${method}`, () => swagger(operation));
    return validate(args) ? [] : validate.errors.map((error) => words(error));
  }

  /** What OpenAI's document says against the body of a chat completion. */
  chatCompletion(body) {
    if (!this.has('openai-2026-08.json')) return null;
    const validate = this.once('openai', () => {
      const { components } = typed(this.read('openai-2026-08.json'));
      const $ref = '#/components/schemas/CreateChatCompletionRequest';
      return formats(new Ajv2020({ strict: false })).compile({ $ref, components });
    });
    return validate(body) ? [] : [deepest(validate.errors)];
  }
}

async function openapi(definition) {
  const { OpenAPIBackend } = await import('openapi-backend');
  const judge = new OpenAPIBackend({
    definition,
    quick: true,
    ajvOpts: { strict: false },
    customizeAjv: formats,
  });
  await judge.init();
  return judge;
}

/** The arguments of a Slack method as a JSON Schema; in forms, numbers are strings. */
function swagger({ parameters }) {
  const fields = parameters.filter((field) => field.name !== 'token');
  const properties = Object.fromEntries(fields.map(({ name, type }) => [name, { type }]));
  const required = fields.filter((field) => field.required).map((field) => field.name);
  return new Ajv({ strict: false, coerceTypes: true }).compile({ properties, required });
}

function formats(ajv) {
  addFormats(ajv);
  // Confluence's document calls some of its strings of format `string`.
  ajv.addFormat('string', true);
  return ajv;
}

/** OpenAI's document says `nullable` of schemas without a type, which means nothing in 2020-12. */
function typed(node) {
  if (node === null || typeof node !== 'object') return node;
  if (Array.isArray(node)) return node.map(typed);
  const { nullable, ...rest } = node;
  const kept = nullable === undefined || !rest.type ? rest : node;
  return Object.fromEntries(Object.entries(kept).map(([name, below]) => [name, typed(below)]));
}

const words = ({ instancePath, message, params }, call) => {
  const detail = params?.additionalProperty ?? params?.allowedValues ?? '';
  return `${call?.method ?? ''} ${instancePath} ${message} ${detail}`.trim();
};

/** Of the many complaints about alternatives, the one that got furthest says most. */
const deepest = (errors) => {
  const depth = (error) => error.instancePath.split('/').length;
  const furthest = errors.reduce((best, error) => (depth(error) > depth(best) ? error : best));
  return words(furthest);
};
