// The ports one invocation hands to its wasm instance: HTTP, and what the platform offers. They
// are bound to the invocation, because wasm's task queue is shared by all of a process.
import api, { assumeTrustedRoute, bindInvocationContext, webTrigger } from '@forge/api';
import { Queue } from '@forge/events';
import { Filter, FilterConditions, WhereConditions, kvs } from '@forge/kvs';
import { publishGlobal, signRealtimeToken } from '@forge/realtime';

const queues = { runs: new Queue({ key: 'runs' }), admission: new Queue({ key: 'admission' }) };

const channel = (issue) => `tutti-${issue}`;

const when = (condition) => {
  if (!condition) return undefined;
  return condition.absent
    ? new Filter().and(condition.absent, FilterConditions.notExists())
    : new Filter().and('version', FilterConditions.equalTo(condition.version));
};

const place = (item) => item.entity && { entityName: item.entity, conditions: when(item.when) };

const lifetime = ({ keep_days: days }) => days && { ttl: { value: days, unit: 'DAYS' } };

const ports = {
  get: async ({ entity, key }) => (await (entity ? kvs.entity(entity) : kvs).get(key)) ?? null,

  set: ({ key, value, ...rest }) => kvs.set(key, value, lifetime(rest)),

  delete: ({ key }) => kvs.delete(key),

  transact: (transaction, text) => {
    if (transaction.text) transaction.set[0].value[transaction.text] = text;
    const builder = kvs.transact();
    for (const item of transaction.set) {
      builder.set(item.key, item.value, place(item), lifetime(item));
    }
    for (const item of transaction.delete) builder.delete(item.key, place(item));
    for (const item of transaction.check) builder.check(item.key, place(item));
    return builder.execute();
  },

  query: async ({ entity, index, partition, at_most, newest_first, limit, cursor }) => {
    const query = kvs.entity(entity).query().index(index, { partition }).limit(limit);
    if (at_most !== undefined) query.where(WhereConditions.lessThanEqualTo(at_most));
    if (newest_first) query.sort('DESC');
    if (cursor) query.cursor(cursor);
    const page = await query.getMany();
    return { items: page.results, cursor: page.nextCursor ?? null };
  },

  secret: async ({ key }) => (await kvs.getSecret(key)) ?? null,
  keep: ({ key, value }) => kvs.setSecret(key, value),
  forget: ({ key }) => kvs.deleteSecret(key),

  push: async ({ queue, events }) => {
    await queues[queue].push(
      events.map(({ body, key, after_s }) => ({
        body,
        ...(after_s > 0 && { delayInSeconds: after_s }),
        concurrency: { key, limit: 1 },
      })),
    );
  },

  publish: async ({ issue, ...note }) => {
    if (!issue) return;
    const name = channel(issue);
    const { token } = await signRealtimeToken(name, { issue }, ['publish']);
    await publishGlobal(name, note, { token });
  },

  sign: async ({ issue }) =>
    (await signRealtimeToken(channel(issue), { issue }, ['subscribe'])).token,

  hook_url: ({ tool }) => webTrigger.getUrl(`hook-${tool}`),
};

const products = {
  jira: (path, init) => api.asApp().requestJira(path, init),
  confluence: (path, init) => api.asApp().requestConfluence(path, init),
  jira_as_person: (path, init) => api.asUser().requestJira(path, init),
};

async function send(target, request) {
  const { pathname, search } = new URL(request.url);
  const init = {
    method: request.method,
    headers: Object.fromEntries(request.headers),
    body: request.body ? await request.text() : undefined,
    signal: request.signal,
  };
  // The path was built and percent-encoded by the connector, segment by segment.
  const call = products[target];
  return call ? call(assumeTrustedRoute(pathname + search), init) : fetch(request.url, init);
}

const address = ({ entity = '', key }) => `${entity} ${key}`;

/** What one invocation has read lately, and has not written, or read for certain, since. */
class Recent {
  #known = new Map();

  get(asked, withinMs, read) {
    const known = this.#known.get(address(asked));
    if (known && Date.now() - known.at < withinMs) return known.answer;
    const answer = read();
    this.#known.set(address(asked), { at: Date.now(), answer });
    answer.catch(() => this.#known.delete(address(asked)));
    return answer;
  }

  forget(asked) {
    const { key, set = [], delete: deleted = [] } = asked;
    for (const item of key ? [asked] : [...set, ...deleted]) this.#known.delete(address(item));
  }
}

export function createHost() {
  const recent = new Recent();
  const call = async (name, asked, text) => JSON.stringify((await ports[name](asked, text)) ?? null);
  return {
    now: () => Date.now(),
    fetch: bindInvocationContext(send),
    port: bindInvocationContext(async (name, json, text) => {
      const asked = JSON.parse(json);
      try {
        return await call(name, asked, text);
      } finally {
        recent.forget(asked);
      }
    }),
    recent: bindInvocationContext((name, json, withinMs) => {
      const asked = JSON.parse(json);
      return recent.get(asked, withinMs, () => call(name, asked));
    }),
  };
}
