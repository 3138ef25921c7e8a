/**
 * Calls to Jira and Confluence: as the app or as a user, within the manifest's scopes, on record.
 */
import { bodyOf, ownHeaders, refuse, unmodelled } from './index.mjs';

const ORIGINS = { jira: 'https://jira.local', confluence: 'https://confluence.local' };

const PAGE = 'page';

export class Products {
  constructor({ world, scopes, manifest, journal, meter, boundaries }) {
    Object.assign(this, { world, scopes, manifest, journal, meter, boundaries });
  }

  /** @type {import('./index.mjs').Capability} */
  answer = async ({ invocation, target, request, params }) => {
    const { provider, remote, account } = params;
    if (!ORIGINS[remote]) return unmodelled(this.journal, `product ${remote}`, invocation);
    if (!['app', 'user'].includes(provider)) {
      return unmodelled(this.journal, `request${remote} without asApp or asUser`, invocation);
    }
    const actor = provider === 'app' ? 'app' : (account ?? invocation.accountId);
    if (!actor) return refuse(401, 'NEEDS_AUTHENTICATION_ERR', 'no user in this invocation');
    const absent = actor !== 'app' && actor !== invocation.accountId;
    return this.call({ remote, target, request, actor, absent, invocation });
  };

  /**
   * @param {{remote: string, target: string, request: Request, actor: string, absent?: boolean,
   *   invocation?: object}} call  `absent`: the user whose name is used is not there
   */
  async call({ remote, target, request, actor, absent = false, invocation }) {
    const { method } = request;
    const url = new URL(target, ORIGINS[remote]);
    if (url.origin !== ORIGINS[remote])
      return unmodelled(this.journal, `${remote} at ${target}`, invocation);
    const endpoint = await this.scopes.endpoint(remote, method, url.pathname);
    const missing = this.missing(endpoint, absent);
    const entry = {
      product: remote,
      method,
      path: url.pathname,
      query: url.search,
      actor,
      template: endpoint?.template ?? null,
      scopes: endpoint?.scopes ?? null,
      invocation: invocation?.id,
      function: invocation?.functionKey ?? PAGE,
    };
    if (missing.length > 0) {
      this.journal.call({ ...entry, status: 403, missing });
      this.journal.complain(
        `${method} ${url.pathname} needs the scope ${missing.join(', ')}`,
        invocation?.id,
      );
      return Response.json(
        { code: 403, message: 'Forbidden; scope does not match' },
        { status: 403 },
      );
    }
    const headers = ownHeaders(request.headers);
    headers.set('x-tutti-actor', actor);
    const body = await bodyOf(request);
    return this.send(new Request(url, { method, headers, body }), { remote, entry });
  }

  async send(request, { remote, entry }) {
    const { method, path } = entry;
    const product = this.world.products[remote];
    if (!product) return unmodelled(this.journal, `no simulator for ${remote}`);
    try {
      const send = async () => product.fetch(request);
      const response =
        method === 'GET'
          ? await send()
          : await this.boundaries.around(`${remote} ${method} ${path}`, send);
      this.count(remote, entry, await size(response.clone()));
      this.journal.call({ ...entry, status: response.status });
      return response;
    } catch (error) {
      this.journal.call({ ...entry, status: null, dropped: error.name === 'Dropped' });
      throw error;
    }
  }

  missing(endpoint, absent) {
    if (!endpoint) return [];
    const granted = (scope) => {
      const how = this.manifest.scopes.get(scope);
      return how && (!absent || how.allowImpersonation);
    };
    const lacking = endpoint.scopes.filter((scope) => !granted(scope));
    const fine = endpoint.granular.length > 0 && endpoint.granular.every(granted);
    return fine ? [] : lacking;
  }

  /**
   * Points: one, and one more for each thing read, two if it is a person; a page's calls are free.
   * https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
   */
  count(remote, { method, path, function: caller }, things) {
    this.meter.add(`calls.${remote}.${method}`);
    if (caller === PAGE) return;
    const each = /\/(users?|groups?|myself|permissions?)\b/.test(path) ? 2 : 1;
    const reads = method === 'GET' || path.includes('/search');
    this.meter.add(`points.${remote}`, 1 + (reads ? each * things : 0));
  }
}

async function size(response) {
  try {
    const body = await response.json();
    const list = [body, ...Object.values(body)].find(Array.isArray);
    return list ? list.length : 1;
  } catch {
    return 0;
  }
}
