/**
 * Sessions by the OAuth 2.0 client-credentials flow.
 * https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_client_credentials_flow.htm
 */
import { createHmac } from 'node:crypto';

import { Refusal, ok } from '../reply.mjs';
import { INSTANCE, refusal } from './org.mjs';

/** The org's session timeout: the default of two hours. */
const SESSION_MS = 2 * 60 * 60 * 1000;
const ORG_ID = '00D8d000000ACMEEAS';

const denied = (error, description) =>
  new Refusal(400, { error, error_description: description });

export function token(org, { body = {}, headers }) {
  const { id, secret } = credentials(body, headers);
  if (body.grant_type !== 'client_credentials') {
    throw denied('unsupported_grant_type', 'grant type not supported');
  }
  const app = org.apps.get(id);
  if (!app) throw denied('invalid_client_id', 'client identifier invalid');
  if (app.secret !== secret) throw denied('invalid_client', 'invalid client credentials');
  const at = org.world.now();
  const serial = org.sessions.next();
  const accessToken = `${ORG_ID.slice(0, 15)}!AQ${signature(app, `session ${serial}`)}`;
  org.sessions.put(accessToken, { userId: app.userId, expiresAt: at + SESSION_MS });
  const identity = `${INSTANCE}/id/${ORG_ID}/${app.userId}`;
  return ok({
    access_token: accessToken,
    signature: signature(app, identity + at),
    scope: 'api',
    instance_url: INSTANCE,
    id: identity,
    token_type: 'Bearer',
    issued_at: String(at),
  });
}

function credentials(body, headers) {
  const [, basic] = /^Basic (.+)$/i.exec(headers.get('authorization') ?? '') ?? [];
  if (!basic) return { id: body.client_id, secret: body.client_secret };
  const [id, secret] = Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
  return { id, secret };
}

const signature = (app, text) =>
  createHmac('sha256', app.secret).update(text).digest('base64url');

export const expired = () =>
  refusal(401, 'INVALID_SESSION_ID', 'Session expired or invalid');

/** The user a request acts as. */
export function authenticate(org, headers) {
  const [, given] = /^(?:Bearer|OAuth) (.+)$/i.exec(headers.get('authorization') ?? '') ?? [];
  const session = given && org.sessions.get(given);
  if (!session || session.expiresAt <= org.world.now()) throw expired();
  return session.userId;
}
