/**
 * Inside the app's frame, before its own script: what stands for Atlassian's global bridge. The
 * real @forge/bridge asks `globalThis.__bridge`; the page around the frame answers over a message
 * channel.
 */
(() => {
  followClock(globalThis.__platformClock);

  const { port1: port, port2 } = new MessageChannel();
  const waiting = new Map();
  const callbacks = new Map();
  let last = 0;

  /** Functions cannot cross; a number for each can. */
  const pack = (value) => {
    if (typeof value === 'function') {
      last += 1;
      callbacks.set(last, value);
      return { __callback: last };
    }
    if (Array.isArray(value)) return value.map(pack);
    if (value?.constructor !== Object) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, pack(inner)]));
  };

  const call = (command, data) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      port.postMessage({ id: last, command, data: pack(data) });
    });

  port.onmessage = ({ data: { callback, args, clock, id, error, result } }) => {
    if (clock) return followClock(clock);
    if (callback) return callbacks.get(callback)?.(...args);
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    return error === undefined ? resolve(result) : reject(new Error(error));
  };

  const subscribe = (command) => async (data) => {
    const { subscription } = await call(command, data);
    return { unsubscribe: () => call('unsubscribe', { subscription }) };
  };

  /** Commands whose answers hold functions, or that change this document. */
  const inFrame = {
    on: subscribe('on'),
    onPublic: subscribe('onPublic'),
    subscribeRealtimeChannel: subscribe('subscribeRealtimeChannel'),
    enableTheming: () => call('enableTheming', { onChange: wear }),
    createHistory: async () => {
      const listeners = new Set();
      const history = {
        ...(await call('createHistory', {
          onChange: (state) => {
            Object.assign(history, state);
            for (const listener of listeners) listener(state.location, state.action);
          },
        })),
        push: (to, state) => call('moveHistory', { how: 'PUSH', to, state }),
        replace: (to, state) => call('moveHistory', { how: 'REPLACE', to, state }),
        go: (by) => call('moveHistory', { how: 'GO', by }),
        goBack: () => history.go(-1),
        goForward: () => history.go(1),
        createHref: (to) =>
          typeof to === 'string' ? to : `${to.pathname ?? ''}${to.search ?? ''}${to.hash ?? ''}`,
        listen: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      };
      return history;
    },
  };

  globalThis.__bridge = {
    callBridge: (command, data) => (inFrame[command] ?? ((given) => call(command, given)))(data),
  };
  parent.postMessage({ type: 'bridge-handshake' }, '*', [port2]);

  function wear(colorMode) {
    const { dataset } = document.documentElement;
    dataset.colorMode = colorMode;
    dataset.theme = 'light:light dark:dark spacing:spacing typography:typography';
  }

  addEventListener('DOMContentLoaded', () => {
    let height = 0;
    new ResizeObserver(() => {
      const now = Math.ceil(document.documentElement.getBoundingClientRect().height);
      if (now !== height) call('resize', { height: (height = now) });
    }).observe(document.documentElement);
    addEventListener('keydown', ({ key, defaultPrevented }) => {
      if (key === 'Escape' && !defaultPrevented) call('escape');
    });
  });

  /** The frame's `Date` is the platform's; between two messages it runs on. */
  function followClock({ now }) {
    globalThis.__platformEpoch = now - performance.now();
    if (globalThis.__platformDate) return;
    const Real = Date;
    const time = () => Math.round(globalThis.__platformEpoch + performance.now());
    globalThis.__platformDate = new Proxy(Real, {
      construct: (target, args, newTarget) =>
        Reflect.construct(
          target,
          args.length === 0 ? [time()] : args,
          newTarget === globalThis.Date ? target : newTarget,
        ),
      apply: () => new Real(time()).toString(),
      get: (target, name, receiver) =>
        name === 'now' ? time : Reflect.get(target, name, receiver),
    });
    Real.prototype.constructor = globalThis.__platformDate;
    globalThis.Date = globalThis.__platformDate;
  }
})();
