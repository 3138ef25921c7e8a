/**
 * One frame of the app and the answers to what its bridge asks. What is not modelled is refused
 * loudly: a page that works here must not rely on silence.
 */
import { post } from './api.js';
import { h } from './dom.js';

const SANDBOX =
  'allow-downloads allow-forms allow-modals allow-pointer-lock allow-same-origin allow-scripts';

/** What all frames of the page share. */
export class Host {
  /** @param {{ui: string, page: import('./page.js').Page}} options */
  constructor({ ui, page }) {
    Object.assign(this, { ui, page });
    this.frames = new Set();
    this.events = new EventSource('/api/events');
    this.events.addEventListener('realtime', ({ data }) => {
      const event = JSON.parse(data);
      for (const frame of this.frames) frame.hear(event);
    });
    this.events.addEventListener('clock', ({ data }) => {
      for (const frame of this.frames) frame.send({ clock: JSON.parse(data) });
    });
    addEventListener('message', (message) => {
      if (message.data?.type !== 'bridge-handshake') return;
      const frame = [...this.frames].find((each) => each.element.contentWindow === message.source);
      frame?.connect(message.ports[0]);
    });
  }

  /**
   * @param {{module: object, extension?: object, resource?: string, fill?: boolean,
   *   onClose?: (payload: unknown) => void}} what
   * @returns {Frame}
   */
  open(what) {
    const frame = new Frame(this, what);
    this.frames.add(frame);
    return frame;
  }

  close(frame) {
    this.frames.delete(frame);
    frame.element.remove();
  }

  wear(theme) {
    for (const frame of this.frames) frame.wear(theme);
  }

  emit(event, payload, sender) {
    for (const frame of this.frames) if (frame !== sender) frame.notify(event, payload);
  }
}

class Frame {
  constructor(host, { module, extension = {}, resource = module.resource, fill = false, onClose }) {
    Object.assign(this, { host, module, extension, fill, onClose });
    this.subscriptions = new Map();
    this.themed = [];
    this.element = h('iframe.app', {
      src: `${host.ui}/${resource}/index.html`,
      sandbox: SANDBOX,
      title: module.title ?? module.key,
      'data-module': module.key,
    });
    if (fill) this.element.classList.add('fill');
  }

  connect(port) {
    this.port = port;
    port.onmessage = ({ data: { id, command, data } }) => this.answer(id, command, data);
  }

  send(message) {
    this.port?.postMessage(message);
  }

  async answer(id, command, data) {
    const run = COMMANDS[command];
    try {
      if (!run)
        throw new Error(`The local platform does not model the bridge command "${command}"`);
      this.send({ id, result: await run(this, data ?? {}) });
    } catch (error) {
      if (!run) this.host.page.complain(error.message);
      this.send({ id, error: error.message });
    }
  }

  /** Calls a function that lives in the frame. */
  call(handle, ...args) {
    if (handle?.__callback) this.send({ callback: handle.__callback, args });
  }

  get place() {
    return {
      moduleKey: this.module.key,
      accountId: this.host.page.accountId,
      extension: this.extension,
    };
  }

  subscribe(kind, details) {
    const subscription = crypto.randomUUID();
    this.subscriptions.set(subscription, { kind, ...details });
    return { subscription };
  }

  hear({ audience, payload }) {
    for (const { kind, audience: wanted, onEvent } of this.subscriptions.values()) {
      if (kind === 'realtime' && wanted === audience) this.call(onEvent, payload);
    }
  }

  notify(name, payload) {
    for (const { kind, event, callback } of this.subscriptions.values()) {
      if (kind === 'event' && event === name) this.call(callback, payload);
    }
  }

  wear(theme) {
    for (const onChange of this.themed) this.call(onChange, theme);
  }
}

/** Only a modal can be left; `false` tells the bridge so. */
function leave(frame, payload) {
  if (!frame.onClose) return false;
  frame.onClose(payload);
  return true;
}

const on = (frame, { event, callback }) => frame.subscribe('event', { event, callback });
const emit = (frame, { event, payload }) => frame.host.emit(event, payload, frame);

/** @type {Record<string, (frame: Frame, data: any) => unknown>} */
const COMMANDS = {
  async getContext(frame) {
    const context = await post('/api/bridge/context', frame.place);
    return { ...context, theme: { colorMode: frame.host.page.theme } };
  },
  async invoke(frame, { functionKey, payload, metadata, invokeType }) {
    if (invokeType)
      throw new Error(`The local platform does not model invokes of type ${invokeType}`);
    const { result } = await post('/api/invoke', { ...frame.place, functionKey, payload });
    return metadata ? { body: result, metadata: {} } : result;
  },
  fetchProduct: (frame, request) => {
    if (request.isMultipartFormData)
      throw new Error('The local platform does not model multipart bodies');
    return post('/api/bridge/fetchProduct', { ...request, accountId: frame.host.page.accountId });
  },

  on,
  onPublic: on,
  emit,
  emitPublic: emit,
  unsubscribe: (frame, { subscription }) => {
    frame.subscriptions.delete(subscription);
  },
  async subscribeRealtimeChannel(frame, { channelName, onEvent, options = {}, isGlobal = false }) {
    const place = (await post('/api/bridge/context', frame.place)).extension;
    const { audience, replay } = await post('/api/bridge/subscribe', {
      channel: channelName,
      isGlobal,
      place,
      ...options,
    });
    const subscribed = frame.subscribe('realtime', { audience, onEvent });
    for (const { payload } of replay) frame.call(onEvent, payload);
    return subscribed;
  },
  async publishRealtimeChannel(
    frame,
    { channelName, eventPayload, options = {}, isGlobal = false },
  ) {
    const place = (await post('/api/bridge/context', frame.place)).extension;
    return post('/api/bridge/publish', {
      channel: channelName,
      payload: eventPayload,
      isGlobal,
      place,
      ...options,
    });
  },

  enableTheming(frame, { onChange }) {
    frame.themed.push(onChange);
    frame.call(onChange, frame.host.page.theme);
  },
  showFlag: (frame, flag) => frame.host.page.flags.show(flag, (action) => frame.call(action)),
  closeFlag: (frame, { id }) => frame.host.page.flags.close(id),
  resize: (frame, { height }) => {
    if (!frame.fill) frame.element.style.height = `${height}px`;
  },
  emitReadyEvent: (frame) => {
    frame.element.dataset.ready = 'true';
  },
  changeWindowTitle: (frame, title) => {
    document.title = title;
  },

  navigate: (frame, { type, ...target }) =>
    frame.host.page.navigate(address(target), type === 'new-tab'),
  getUrl: (frame, target) => new URL(address(target), location.origin).href,
  reload: () => location.reload(),
  refresh: () => location.reload(),

  openModal: (frame, options) => frame.host.page.modals.open(frame, options),
  close: leave,
  submit: leave,
  escape: (frame) => frame.onEscape?.(),

  createHistory: (frame, { onChange }) =>
    frame.host.page.history.follow((state) => frame.call(onChange, state)),
  moveHistory: (frame, move) => frame.host.page.history.move(move),

  getFrameId: (frame) => frame.module.key,
  isRovoEnabled: () => false,
};

/** Where a `navigate` leads: an address, or a place of Jira by its name. */
function address({ url, target, issueKey, projectKey, moduleKey }) {
  if (typeof url === 'string') return url;
  if (target === 'issue' && issueKey) return `/browse/${issueKey}`;
  if (target === 'projectSettingsPage' && projectKey && moduleKey)
    return `/projects/${projectKey}/settings/${moduleKey}`;
  if (target === 'module' && moduleKey) return `/apps/${moduleKey}`;
  throw new Error(`The local platform does not know the place ${JSON.stringify({ url, target })}`);
}
