/**
 * Realtime channels: who may publish, who may listen, and the log of what was said. Nothing here is
 * a promise that anybody heard it. https://developer.atlassian.com/platform/forge/realtime/
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const PER_SECOND = 50;
const TOKEN_SECONDS = 3600;

export class Realtime {
  constructor({ store, clock, rates, meter }) {
    Object.assign(this, { store, clock, rates, meter });
    this.secret = store.once('realtime secret', () => randomBytes(32).toString('hex'));
    /** Who hears of new events at once. @type {Set<(event: object) => void>} */
    this.listeners = new Set();
    store.declare(`CREATE TABLE IF NOT EXISTS realtime_event (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER, audience TEXT, channel TEXT,
      payload TEXT)`);
  }

  /** Takes one operation from the installation's budget. */
  allowed() {
    this.meter.add('realtime.operations');
    return this.rates.take('realtime', PER_SECOND, 1000);
  }

  /** @returns {{eventId: string, eventTimestamp: string}} */
  publish({ channel, payload, isGlobal, context, token }) {
    const audience = this.audience({
      channel,
      isGlobal,
      context,
      claims: token && this.read(token).claims,
    });
    const { seq, at } = this.store.get(
      `INSERT INTO realtime_event (at, audience, channel, payload) VALUES (?, ?, ?, ?)
       RETURNING seq, at`,
      this.clock.now(),
      audience,
      channel,
      payload,
    );
    const event = { seq, at, audience, channel, payload: JSON.parse(payload) };
    for (const listener of this.listeners) listener(event);
    return { eventId: String(seq), eventTimestamp: String(at) };
  }

  /**
   * Checks a subscription. @returns {{audience: string, replay: object[]}}
   */
  subscribe({ channel, isGlobal, context, token, replaySeconds = 0 }) {
    const claims = token && this.admit(token, channel, 'subscribe').claims;
    const audience = this.audience({ channel, isGlobal, context, claims });
    const replay =
      replaySeconds === 0
        ? []
        : this.store.all(
            `SELECT seq, at, channel, payload FROM realtime_event
             WHERE audience = ? AND at >= ? ORDER BY seq`,
            audience,
            this.clock.now() - replaySeconds * 1000,
          );
    return {
      audience,
      replay: replay.map((row) => ({ ...row, payload: JSON.parse(row.payload) })),
    };
  }

  /** Only those hear it who name the same channel in the same place with the same claims. */
  audience({ channel, isGlobal = false, context = null, claims = null }) {
    const text = JSON.stringify([
      channel,
      Boolean(isGlobal),
      isGlobal ? null : sorted(context),
      sorted(claims),
    ]);
    return createHmac('sha256', this.secret).update(text).digest('base64url');
  }

  sign({ channelName, claims, permissions }) {
    const expiresAt = Math.floor(this.clock.now() / 1000) + TOKEN_SECONDS;
    const jwt = this.jwt({
      channel: { name: channelName },
      claims,
      ...(permissions && { permissions: permissions.map((each) => each.toLowerCase()) }),
      exp: expiresAt,
    });
    return { jwt, expiresAt };
  }

  /** The place a page stands in, vouched for by the platform. */
  contextToken(context) {
    return this.jwt({ context });
  }

  /** Throws unless the token is ours, alive, for this channel and for this. */
  admit(token, channel, permission) {
    const payload = this.read(token);
    if (payload.exp * 1000 <= this.clock.now()) throw new Error('TOKEN_EXPIRED');
    if (payload.channel?.name !== channel) throw new Error('CHANNEL_NAME_MISMATCH');
    if (payload.permissions && !payload.permissions.includes(permission))
      throw new Error('MISSING_PERMISSION');
    return payload;
  }

  jwt(payload) {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(payload)}`;
    return `${signed}.${this.signature(signed)}`;
  }

  read(token) {
    const [header, payload, signature = ''] = String(token).split('.');
    const expected = Buffer.from(this.signature(`${header}.${payload}`));
    const given = Buffer.from(signature);
    if (expected.length !== given.length || !timingSafeEqual(expected, given))
      throw new Error('INVALID_TOKEN');
    return JSON.parse(Buffer.from(payload, 'base64url').toString());
  }

  signature(text) {
    return createHmac('sha256', this.secret).update(text).digest('base64url');
  }
}

/** Equal objects shall give equal text. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
