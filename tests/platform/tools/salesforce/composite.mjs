/**
 * Composite: several requests in one, each able to use what earlier ones answered, all or none.
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_composite.htm
 */
import { Refusal, ok } from '../reply.mjs';
import { INSTANCE, refusal } from './org.mjs';
import { perform } from './rest.mjs';

const MOST = 25;

export function composite(org, { body, actor }) {
  const parts = body?.compositeRequest;
  if (!Array.isArray(parts) || parts.length === 0 || parts.length > MOST) {
    throw refusal(400, 'INVALID_INPUT', `compositeRequest must hold 1 to ${MOST} requests.`);
  }
  const ids = parts.map(({ referenceId }) => referenceId);
  const bad = ids.find((id, at) => !/^[A-Za-z]\w*$/.test(id ?? '') || ids.indexOf(id) !== at);
  if (bad !== undefined || ids.includes(undefined)) {
    throw refusal(400, 'INVALID_INPUT', `referenceId '${bad}' is not a new, valid name.`);
  }
  const all = body.allOrNone === true;
  const { db } = org.world.state;
  db.exec('SAVEPOINT composite');
  const answers = runAll(org, parts, actor, all);
  const failed = answers.some(({ httpStatusCode }) => httpStatusCode >= 400);
  if (all && failed) db.exec('ROLLBACK TO composite');
  db.exec('RELEASE composite');
  return ok({ compositeResponse: all && failed ? answers.map(halted) : answers });
}

function runAll(org, parts, actor, stopAtFailure) {
  const answers = [];
  const bodies = new Map();
  for (const part of parts) {
    const stopped = stopAtFailure && answers.some(({ httpStatusCode }) => httpStatusCode >= 400);
    const answer = stopped ? halt() : attempt(org, part, bodies, actor);
    bodies.set(part.referenceId, answer.body);
    answers.push({
      body: answer.body ?? null,
      httpHeaders: answer.headers,
      httpStatusCode: answer.status,
      referenceId: part.referenceId,
    });
  }
  return answers;
}

function attempt(org, { method, url, body, httpHeaders = {} }, bodies, actor) {
  try {
    return perform(org, {
      method,
      url: new URL(filled(url, bodies), INSTANCE),
      headers: new Headers(httpHeaders),
      body: body && JSON.parse(filled(JSON.stringify(body), bodies)),
      actor,
    });
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    throw error;
  }
}

/** Replaces `@{name.field}` by what the request of that name answered. */
function filled(text, bodies) {
  return text.replace(/@\{(\w+)\.([\w.[\]]+)\}/g, (_, name, path) => {
    const value = path.split(/[.[\]]+/).filter(Boolean)
      .reduce((at, key) => at?.[key], bodies.get(name));
    if (value === undefined) {
      throw refusal(400, 'PROCESSING_HALTED', `Invalid reference specified: ${name}.${path}`);
    }
    return String(value);
  });
}

const halt = () =>
  refusal(400, 'PROCESSING_HALTED', 'The transaction was rolled back since another operation in ' +
    'the same transaction failed.').reply;

/** With all or none, what had succeeded is reported as rolled back. */
const halted = (answer) =>
  answer.httpStatusCode >= 400
    ? answer
    : { ...answer, body: halt().body, httpHeaders: {}, httpStatusCode: 400 };
