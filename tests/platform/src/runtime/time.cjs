/**
 * The app's `Date` follows the platform's clock; timers stay real. Under a frozen clock a timer
 * that has fired moves time on by its length, or an app that sleeps until a moment would never see
 * it come.
 */
'use strict';
const RealDate = Date;
const realSetTimeout = setTimeout;
const promised = require('node:timers/promises');
const { promisify } = require('node:util');
const realPromised = promised.setTimeout;

let clock = { frozen: false, offset: 0, now: 0 };

const now = () => (clock.frozen ? clock.now : RealDate.now() + clock.offset);

/** Follows the platform: exactly at the start of an invocation, never back within one. */
function follow(state) {
  clock = { ...state };
}

function reach(time) {
  if (clock.frozen && time > clock.now) clock.now = time;
}

/** Node keeps timers of its own, fetch for one; they are nobody's sleep. */
function calledByNode() {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 3;
  const [, , , caller = ''] = new Error().stack.split('\n');
  Error.stackTraceLimit = stackTraceLimit;
  return caller.includes('node:internal');
}

global.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(
      target,
      args.length === 0 ? [now()] : args,
      newTarget === global.Date ? target : newTarget,
    ),
  apply: () => new RealDate(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
RealDate.prototype.constructor = global.Date;

global.setTimeout = Object.assign((callback, ms = 0, ...args) => {
  if (!clock.frozen || calledByNode()) return realSetTimeout(callback, ms, ...args);
  const due = now() + Number(ms);
  return realSetTimeout(
    (...passed) => {
      reach(due);
      callback(...passed);
    },
    ms,
    ...args,
  );
}, realSetTimeout);

promised.setTimeout = async (ms = 0, value, options) => {
  const due = now() + Number(ms);
  const result = await realPromised(ms, value, options);
  reach(due);
  return result;
};

Object.defineProperty(global.setTimeout, promisify.custom, {
  value: (...args) => promised.setTimeout(...args),
});

module.exports = { follow, now, reach };
