// Stands in for Jira around the frame: answers the real @forge/bridge from fixtures.
// Plays the part of global-bridge.js, which must exist before the bundle.
(() => {
  const query = new URLSearchParams(location.search);
  const listeners = new Map();
  const harness = {
    calls: [],
    violations: [],
    hint: () => listeners.forEach((onEvent) => onEvent({})),
  };
  globalThis.harness = harness;
  addEventListener(
    'securitypolicyviolation',
    ({ violatedDirective, blockedURI, sourceFile, sample }) =>
      harness.violations.push(`${violatedDirective} ${blockedURI} ${sourceFile} ${sample}`),
  );

  const invoke = async ({ functionKey, payload }) => {
    harness.calls.push({ name: functionKey, payload });
    const response = await fetch(`/invoke?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: functionKey, payload }),
    });
    if (!response.ok) throw new Error(`the function answered ${response.status}`);
    return response.json();
  };

  // The bridge itself writes `location`, so it is a plain property.
  const heard = new Set();
  const go = (action) => (pathname) => {
    const location = { ...history.location, pathname };
    Object.assign(history, { action, location });
    heard.forEach((listen) => listen(location, action));
  };
  const history = {
    action: 'POP',
    location: { pathname: query.get('path') ?? '/', search: '', hash: '', state: null, key: 'a' },
    push: go('PUSH'),
    replace: go('REPLACE'),
    go: () => {},
    goBack: () => {},
    goForward: () => {},
    createHref: ({ pathname }) => pathname,
    listen: (listen) => {
      heard.add(listen);
      return () => heard.delete(listen);
    },
  };

  const answers = {
    invoke,
    getContext: async () => ({
      accountId: '712020:dana',
      cloudId: 'c',
      siteUrl: 'https://acme.atlassian.net',
      localId: 'l',
      environmentId: 'e',
      environmentType: 'DEVELOPMENT',
      moduleKey: query.get('place'),
      locale: 'en_US',
      timezone: 'UTC',
      theme: { colorMode: query.get('mode') ?? 'light' },
      extension: { type: query.get('place'), issue: { key: 'PAY-88' }, project: { key: 'PAY' } },
    }),
    enableTheming: async () => {
      const mode = query.get('mode') ?? 'light';
      document.documentElement.dataset.colorMode = mode;
      document.documentElement.dataset.theme =
        'dark:dark light:light spacing:spacing typography:typography';
    },
    subscribeRealtimeChannel: async ({ channelName, onEvent }) => {
      if (query.has('no-realtime')) throw new Error('realtime is off');
      listeners.set(channelName, onEvent);
      return { unsubscribe: () => listeners.delete(channelName) };
    },
    createHistory: async () => history,
    navigate: async (data) => {
      harness.calls.push({ name: 'navigate', payload: data });
    },
    showFlag: async (data) => {
      harness.calls.push({ name: 'showFlag', payload: data });
    },
  };
  globalThis.__bridge = {
    callBridge: (name, data) =>
      answers[name]
        ? answers[name](data)
        : Promise.reject(new Error(`the harness does not know ${name}`)),
  };
})();
