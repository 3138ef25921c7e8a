/**
 * What may be stored under which key. https://developer.atlassian.com/platform/forge/limits-kvs-ce/
 */
import { invalid } from './refusal.mjs';

const KB = 1024;
const VALUE = 240 * KB;
const SECRET = 128 * KB;
const DEPTH = 31;
const KEY = /^(?!\s+$)[a-zA-Z0-9:._\s-#]+$/;

/** Of a batch or a transaction. */
export const GROUP = { items: 25, bytes: 4 * KB * KB };

export function checkKey(key) {
  if (typeof key !== 'string' || key.length < 1 || key.length > 500 || !KEY.test(key)) {
    throw invalid(
      'INVALID_KEY',
      `a key has 1 to 500 characters and matches ${KEY}: ${String(key).slice(0, 80)}`,
    );
  }
}

/** @returns {string} the value as it is stored */
export function checkValue(kind, value) {
  if (value === undefined || value === null) throw invalid('INVALID_VALUE', 'a value is required');
  const text = JSON.stringify(value);
  const limit = kind === 'secret' ? SECRET : VALUE;
  const size = Buffer.byteLength(text);
  if (size > limit) throw invalid('MAX_SIZE', `a value of ${size} bytes is over ${limit}`);
  if (depth(value) > DEPTH) throw invalid('MAX_DEPTH', `a value is nested deeper than ${DEPTH}`);
  return text;
}

function depth(value) {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Object.values(value).reduce((most, inner) => Math.max(most, depth(inner)), 0);
}

const UNITS = { SECONDS: 1000, MINUTES: 60_000, HOURS: 3_600_000, DAYS: 86_400_000 };

/** @returns {number | null} milliseconds until the value expires */
export function lifetime(ttl) {
  if (ttl === undefined || ttl === null) return null;
  const ms = UNITS[ttl.unit] * ttl.value;
  if (!(ms > 0 && ms <= 366 * UNITS.DAYS)) {
    throw invalid('INVALID_TTL', 'a TTL is a positive time of at most one year');
  }
  return ms;
}
