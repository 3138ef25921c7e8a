/**
 * Salesforce, as far as Tutti's flows go: sessions that expire, records, SOQL and Composite as its
 * REST API has them. https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/
 */
import { ok } from '../reply.mjs';
import { Tool } from '../tool.mjs';
import { composite } from './composite.mjs';
import { authenticate, expired, token } from './oauth.mjs';
import { Org, refusal } from './org.mjs';
import { perform } from './rest.mjs';

const OAUTH = '/services/oauth2/token';

export function createSalesforce(world) {
  const org = new Org(world);
  const tool = new Tool('salesforce', world, {
    authenticate: ({ path, headers }) => (path === OAUTH ? 'oauth' : authenticate(org, headers)),
    unauthorized: expired,
    refusal: (status, headers) => {
      const [code, message] = sayings[status] ?? ['UNKNOWN_EXCEPTION', 'An error occurred'];
      return refusal(status, code, message, {}, headers);
    },
  });
  tool.post(OAUTH, (call) => token(org, call));

  // …/api_rest/resources_versions.htm
  tool.get('/services/data', () => ok([
    { label: "Spring '26", url: '/services/data/v66.0', version: '66.0' },
  ]));

  // …/api_rest/resources_limits.htm
  tool.get('/services/data/:version/limits', () =>
    ok({ DailyApiRequests: { Max: DAILY, Remaining: DAILY - used(world) } }));

  // …/api_rest/resources_composite_composite.htm
  tool.post('/services/data/:version/composite', (call) => composite(org, call));

  const records = (call) => {
    const answer = perform(org, call);
    return { ...answer, headers: { ...answer.headers, 'sforce-limit-info': usage(world) } };
  };
  // …/api_rest/resources_query.htm
  tool.get('/services/data/:version/query', records);
  tool.get('/services/data/:version/query/', records);
  // …/api_rest/resources_sobject_basic_info.htm, …/resources_sobject_retrieve.htm
  tool.post('/services/data/:version/sobjects/:object', records);
  for (const method of ['GET', 'PATCH', 'DELETE']) {
    tool.on(method, '/services/data/:version/sobjects/:object/:id', records);
  }
  return { app: tool.app, org, world: () => shown(org) };
}

const DAILY = 100_000;
const used = (world) => world.requests.list(({ tool }) => tool === 'salesforce').length;
const usage = (world) => `api-usage=${used(world) + 1}/${DAILY}`;

const sayings = {
  403: ['REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'],
  404: ['NOT_FOUND', 'The requested resource does not exist'],
  409: ['ENTITY_IS_LOCKED', 'the entity is locked for editing'],
  412: ['PRECONDITION_FAILED', 'The record has been changed since it was read.'],
  429: ['REQUEST_LIMIT_EXCEEDED', 'ConcurrentRequests Limit exceeded.'],
  503: ['SERVER_UNAVAILABLE', 'Server is unavailable'],
};

/** Everything the org holds. */
function shown(org) {
  const by = (object) => Object.fromEntries(org.all(object).map((record) => [record.Id, record]));
  return {
    cases: by('Case'),
    caseComments: org.all('CaseComment'),
    accounts: by('Account'),
    entitlements: org.all('Entitlement'),
    users: by('User'),
  };
}
