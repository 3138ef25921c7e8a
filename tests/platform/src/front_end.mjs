/**
 * What a page may ask of the platform: where it stands, its resolver's functions, product calls in
 * the name of the person at the screen.
 * https://developer.atlassian.com/platform/forge/custom-ui-bridge/bridge/
 */
import { randomUUID } from 'node:crypto';

const INVOKE_LIMIT = 500 * 1024;

export class FrontEnd {
  constructor({ manifest, site, invocations, realtime, products, world }) {
    Object.assign(this, { manifest, site, invocations, realtime, products, world });
  }

  /** The modules that have a page, with the resource it is built from. */
  modules() {
    return this.manifest.modules
      .filter(({ resource, pages }) => resource || pages)
      .map(({ key, type, title, resource, pages, icon, layout }) => ({
        key,
        type,
        title: words(title),
        resource,
        pages,
        icon,
        layout,
      }));
  }

  /**
   * The object `view.getContext()` gives and a resolver receives.
   * @param {{moduleKey: string, accountId?: string, extension?: object, localId?: string}} place
   */
  async context({ moduleKey, accountId, extension = {}, localId }) {
    const module = this.manifest.module(moduleKey);
    const { appId, environmentId, cloudId, url: siteUrl, license } = this.site;
    const ari = `ari:cloud:ecosystem::extension/${appId}/${environmentId}/static/${moduleKey}`;
    return {
      accountId,
      cloudId,
      siteUrl,
      localId: localId ?? ari,
      moduleKey,
      environmentId,
      environmentType: 'DEVELOPMENT',
      locale: 'en-US',
      timezone: 'UTC',
      ...(license && { license }),
      extension: await this.complete({ type: module?.type, ...extension }),
    };
  }

  /** A key or an id of an issue is enough: Jira knows the rest. */
  async complete(extension) {
    const { issue, project } = extension;
    const name = issue?.key ?? issue?.id;
    if (name && !(issue.key && issue.id && extension.project)) {
      const found = await this.issue(name);
      if (found) {
        const { id, key, fields } = found;
        const { id: projectId, key: projectKey, projectTypeKey } = fields.project;
        return {
          ...extension,
          issue: { id, key, type: fields.issuetype?.name, typeId: fields.issuetype?.id },
          project: { id: projectId, key: projectKey, type: projectTypeKey ?? 'software' },
        };
      }
    }
    if (project && !(project.key && project.id)) {
      const found = await this.look(
        `/rest/api/3/project/${encodeURIComponent(project.key ?? project.id)}`,
      );
      if (found)
        return {
          ...extension,
          project: { id: found.id, key: found.key, type: found.projectTypeKey ?? 'software' },
        };
    }
    return extension;
  }

  issue(name) {
    return this.look(`/rest/api/3/issue/${encodeURIComponent(name)}`);
  }

  /** Reads Jira for the frame around the app, outside of the app's scopes and records. */
  async look(path) {
    const response = await this.world.products.jira?.fetch(
      new Request(`https://jira.local${path}`, { headers: { 'x-tutti-actor': 'app' } }),
    );
    return response?.ok ? response.json() : undefined;
  }

  /**
   * @param {{moduleKey: string, functionKey: string, payload?: object, accountId?: string,
   *   extension?: object, localId?: string}} request
   * @returns {Promise<{result: unknown} | {error: {code: string, message: string}}>}
   */
  async invoke({ moduleKey, functionKey, payload, ...place }) {
    const module = this.manifest.module(moduleKey);
    if (!module?.resolver) return wrong('NOT_FOUND', `module ${moduleKey} has no resolver`);
    if (Buffer.byteLength(JSON.stringify(payload ?? {})) > INVOKE_LIMIT) {
      return wrong('PAYLOAD_TOO_BIG', 'the payload of an invoke is limited to 500 KB');
    }
    const context = await this.context({ moduleKey, ...place });
    const { success, body, error } = await this.invocations.run({
      module,
      body: { call: { functionKey, payload, jobId: randomUUID() }, context },
      accountId: place.accountId,
      contextToken: this.realtime.contextToken(context.extension),
    });
    return success ? { result: body } : wrong(error.errorType, error.errorMessage);
  }

  /** `requestJira` and `requestConfluence` of the page. */
  async fetchProduct({ product, restPath, fetchRequestInit = {}, accountId }) {
    if (!accountId) throw new TypeError('a page asks a product in the name of a person');
    const { method = 'GET', body, headers } = fetchRequestInit;
    const request = new Request('http://page.local', {
      method,
      headers,
      body: method === 'GET' ? undefined : body,
    });
    const response = await this.products.call({
      remote: product,
      target: restPath,
      request,
      actor: accountId,
    });
    return {
      body: await response.text(),
      headers: Object.fromEntries(response.headers),
      status: response.status,
      statusText: response.statusText,
      isAttachment: false,
    };
  }
}

const wrong = (code, message) => ({ error: { code, message } });
const words = (title) => (typeof title === 'string' ? title : title?.i18n);
