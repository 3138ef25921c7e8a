/**
 * A small app that touches everything of the platform through the real packages.
 */
'use strict';
const {
  asApp,
  asUser,
  assumeTrustedRoute,
  getAppContext,
  route,
  webTrigger,
} = require('@forge/api');
const { InvocationError, Queue } = require('@forge/events');
const { default: kvs, Filter, FilterConditions, WhereConditions } = require('@forge/kvs');
const { publish, publishGlobal, signRealtimeToken } = require('@forge/realtime');
const { default: Resolver } = require('@forge/resolver');

const queue = new Queue({ key: 'work' });
const entity = { entityName: 'run' };

/** Starts work once per version, and lets a transaction decide which delivery wins. */
exports.onVersion = async ({ version, selfGenerated, context }) => {
  console.log('released', version.name, selfGenerated, context.moduleKey);
  await queue.push({
    body: { task: 'release', id: version.id },
    concurrency: { key: version.id, limit: 1 },
  });
};

const tasks = {
  async release({ id }) {
    const claim = new Filter().and('version', FilterConditions.notExists());
    await kvs
      .transact()
      .set(
        `run:${id}`,
        { state: 'done', version: 1, due: Date.now() },
        { ...entity, conditions: claim },
      )
      .execute()
      .catch((error) => {
        if (error.code !== 'CONDITIONAL_CHECK_FAILED') throw error;
        console.log('claimed by another delivery');
      });
    await publishGlobal(`run-${id}`, { state: 'done' });
  },
  async note({ key, value }) {
    await kvs.set(key, value);
  },
  async count({ key }, event) {
    const seen = (await kvs.get(key)) ?? [];
    await kvs.set(key, [...seen, event.eventId]);
  },
  async retry({ key }, { retryContext }) {
    const seen = (await kvs.get(key)) ?? [];
    await kvs.set(key, [...seen, { at: Date.now(), ...retryContext }]);
    if (seen.length === 0) throw new Error('first attempt fails');
    if (seen.length === 1)
      return new InvocationError({
        retryAfter: 600,
        retryReason: 'FUNCTION_UPSTREAM_RATE_LIMITED',
        retryData: { n: 1 },
      });
    return undefined;
  },
  async fail() {
    throw new Error('always fails');
  },
  async hang() {
    for (;;) await new Promise((resolve) => setTimeout(resolve, 1000));
  },
  async chain({ left }) {
    if (left > 0) await queue.push({ body: { task: 'chain', left: left - 1 } });
    else await kvs.set('chain', 'ended');
  },
  async call({ method, path }) {
    const answer = await asApp().requestJira(assumeTrustedRoute(path), {
      method,
      headers: { 'content-type': 'application/json' },
      body: method === 'GET' ? undefined : '{}',
    });
    await kvs.set('called', answer.status);
  },
  async publish() {
    await kvs.set('publish', [
      await publish('room', { a: 1 }),
      await publishGlobal('room', { a: 1 }),
    ]);
  },
  async query({ prefix }) {
    const found = await kvs.query().where('key', WhereConditions.beginsWith(prefix)).getMany();
    await kvs.set(
      'seen',
      found.results.map(({ key }) => key),
    );
  },
};

exports.work = (event) => tasks[event.body.task](event.body, event);
exports.quick = (event) => tasks[event.body.task](event.body, event);

exports.tick = async () => {
  const ticks = (await kvs.get('ticks')) ?? [];
  await kvs.set('ticks', [...ticks, new Date().toISOString()]);
};

exports.hook = async (request) => {
  if (request.queryParameters.fail) throw new Error('refused');
  if (request.queryParameters.odd) return { hello: 'no status' };
  await kvs.set('hook', {
    method: request.method,
    body: request.body,
    headers: request.headers,
    userPath: request.userPath,
  });
  return {
    statusCode: 201,
    headers: { 'content-type': ['application/json'], 'x-got': ['yes'] },
    body: JSON.stringify({ got: request.body }),
  };
};

exports.fixedHook = async (request) => ({
  outputKey: request.body === 'odd' ? 'unknown' : 'accepted',
});

const told = (error) => ({
  name: error.name === 'Error' ? error.constructor.name : error.name,
  code: error.code,
  status: error.status,
  message: error.message,
  cause: error.cause?.code,
});
const attempt = async (work) => {
  try {
    return { ok: await work() };
  } catch (error) {
    return { error: told(error) };
  }
};

const resolver = new Resolver();
resolver.define('whoami', async ({ context }) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  const answer = await asUser().requestJira(route`/rest/api/3/myself`);
  const { accountId } = await answer.json();
  return {
    claimed: context.accountId,
    license: context.license,
    acted: accountId,
    invocation: getAppContext().invocationId,
    issue: context.extension.issue?.key,
  };
});
resolver.define('state', async ({ payload }) => kvs.entity('run').get(payload.key));
resolver.define('get', async ({ payload }) => kvs.get(payload.key));
resolver.define('set', async ({ payload: { key, value, options } }) =>
  attempt(() => kvs.set(key, value, options)),
);
resolver.define('secret', async ({ payload: { key, value } }) =>
  attempt(async () => {
    await kvs.setSecret(key, value);
    return (await kvs.getSecret(key))?.length;
  }),
);
resolver.define('entity', async ({ payload: { key, value } }) =>
  attempt(() => kvs.entity('run').set(key, value)),
);
resolver.define('compare-and-set', async ({ payload: { key, value, version } }) =>
  attempt(() =>
    kvs
      .transact()
      .set(key, value, {
        ...entity,
        conditions: new Filter().and('version', FilterConditions.equalTo(version)),
      })
      .execute(),
  ),
);
resolver.define('transact', async ({ payload: { keys } }) =>
  attempt(() =>
    keys
      .reduce((transaction, key) => transaction.set(key, { state: 'x' }, entity), kvs.transact())
      .execute(),
  ),
);
resolver.define('find', async ({ payload: { state, from, sort, limit, cursor } }) =>
  attempt(async () => {
    let query = kvs
      .entity('run')
      .query()
      .index('by-state', { partition: [state] });
    if (from !== undefined) query = query.where(WhereConditions.greaterThanEqualTo(from));
    if (sort) query = query.sort(sort);
    if (limit) query = query.limit(limit);
    if (cursor) query = query.cursor(cursor);
    const { results, nextCursor } = await query.getMany();
    return { keys: results.map(({ key }) => key), nextCursor };
  }),
);
resolver.define('write-then-query', async ({ payload: { key } }) => {
  await kvs.set(key, 1);
  const { results } = await kvs.query().where('key', WhereConditions.beginsWith(key)).getMany();
  return { got: await kvs.get(key), queried: results.length };
});
resolver.define('push', async ({ payload: { queue: name = 'work', events } }) =>
  attempt(() => new Queue({ key: name }).push(events)),
);
resolver.define('push-unchecked', async ({ payload }) => {
  // What the SDK checks before it sends, the platform has to check as well.
  const answer = await global.__forge_fetch__(
    { type: 'fpp', provider: 'app', remote: 'stargate' },
    '/webhook/queue/publish/x/x/x/x',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jobId: 'j', queueName: 'work', ...payload }),
    },
  );
  return answer.status;
});
resolver.define('stats', async ({ payload: { jobId } }) =>
  attempt(() => queue.getJob(jobId).getStats()),
);
resolver.define('cancel', async ({ payload: { jobId } }) =>
  attempt(() => queue.getJob(jobId).cancel()),
);
resolver.define('fetch', async ({ payload: { url, init } }) =>
  attempt(async () => {
    const answer = await fetch(url, init);
    return { status: answer.status, url: answer.headers.get('x-url'), body: await answer.text() };
  }),
);
resolver.define('fetch-many', async ({ payload: { url, times } }) => {
  const statuses = [];
  for (let n = 0; n < times; n += 1) statuses.push((await fetch(url)).status);
  return statuses;
});
resolver.define('jira', async ({ payload: { path, method = 'GET', as = 'app', account } }) =>
  attempt(async () => {
    const api = as === 'app' ? asApp() : asUser(account);
    const answer = await api.requestJira(assumeTrustedRoute(path), {
      method,
      ...(method !== 'GET' && { body: '{}', headers: { 'content-type': 'application/json' } }),
    });
    return { status: answer.status, body: await answer.text() };
  }),
);
resolver.define('confluence', async ({ payload: { path } }) =>
  attempt(async () => (await asApp().requestConfluence(assumeTrustedRoute(path))).status),
);
resolver.define('urls', async () => [
  await webTrigger.getUrl('hook-in'),
  await webTrigger.getUrl('hook-in'),
  await webTrigger.queryUrls(),
]);
resolver.define('realtime', async ({ payload: { channel, message, claims } }) => {
  const { token } = await signRealtimeToken(channel, claims, ['Publish', 'Subscribe']);
  return {
    token,
    local: await publish(channel, message),
    global: await publishGlobal(channel, message, { token }),
  };
});
resolver.define('publish-often', async ({ payload: { times } }) => {
  const errors = [];
  for (let n = 0; n < times; n += 1)
    errors.push((await publishGlobal('busy', n)).errors?.[0].message);
  return errors;
});
resolver.define('time', async ({ payload: { sleepMs } }) => {
  const before = Date.now();
  await new Promise((resolve) => setTimeout(resolve, sleepMs));
  return {
    before,
    after: Date.now(),
    iso: new Date().toISOString(),
    isDate: new Date() instanceof Date,
  };
});
resolver.define('remember-pid', async () => process.pid);
resolver.define('echo', async ({ payload }) => payload);
resolver.define('large', async ({ payload: { bytes } }) => 'x'.repeat(bytes));
resolver.define('shout', async ({ payload: { lines } }) => {
  for (let n = 0; n < lines; n += 1) console.log('line', n);
});
resolver.define('die', async () => process.exit(3));
resolver.define('hoard', async () => {
  const all = [];
  for (;;) all.push(new Array(1e6).fill(all.length));
});
resolver.define('unmodelled', async () =>
  attempt(async () => (await asApp().requestBitbucket(route`/2.0/user`)).status),
);
resolver.define('unmodelled-command', async () => {
  const answer = await global.__forge_fetch__({ type: 'kvs', provider: 'app' }, '/api/v1/compact', {
    method: 'POST',
    body: '{}',
  });
  return answer.status;
});

const definitions = resolver.getDefinitions();
exports.panel = definitions;
exports.perform = async ({ say }, context) => ({ said: say, user: context.principal?.accountId });
