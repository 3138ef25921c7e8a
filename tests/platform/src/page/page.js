/**
 * The page around the app: who looks, in which light, at what; modals and flags that the app asks for.
 */
import { get } from './api.js';
import { h } from './dom.js';
import { Host } from './frame.js';
import { homeView, issueView, settingsView } from './issue.js';
import { World } from './world.js';

const by = (id) => document.getElementById(id);

export class Page {
  async start() {
    const { ui, app, modules } = await get('/api/frame');
    Object.assign(this, { app, modules });
    this.theme = new URLSearchParams(location.search).get('theme') ?? localStorage.getItem('theme') ?? 'light';
    this.host = new Host({ ui, page: this });
    this.flags = new Flags(by('flags'));
    this.modals = new Modals(by('modals'), this);
    this.history = new FrameHistory();
    this.wear(this.theme);
    await this.people();
    this.buttons();
    by('main').append(await this.view().catch((error) => h('div.home', {}, h('h1', {}, 'Not here'), h('p', {}, error.message))));
  }

  view() {
    const [place, ...rest] = location.pathname.split('/').filter(Boolean).map(decodeURIComponent);
    if (place === 'browse') return issueView(this, rest[0]);
    if (place === 'projects') return settingsView(this, { projectKey: rest[0], moduleKey: rest[2] });
    if (place === 'admin' || place === 'apps') return settingsView(this, { moduleKey: rest[0] });
    return homeView(this);
  }

  modulesOf(type) {
    return this.modules.filter((module) => module.type === type && module.resource);
  }

  module(key) {
    const module = this.modules.find((each) => each.key === key);
    if (!module) throw new Error(`The app has no module ${key}.`);
    return module;
  }

  /** The person at the screen; changing it loads the page anew, as logging in does. */
  async people() {
    const users = (await get('/api/bridge/users').catch(() => [])).filter(({ accountType }) => accountType !== 'app');
    const select = by('acting');
    select.append(...users.map(({ accountId, displayName }) => h('option', { value: accountId }, displayName)));
    const wished = new URLSearchParams(location.search).get('as') ?? localStorage.getItem('acting as');
    select.value = users.some(({ accountId }) => accountId === wished) ? wished : users[0]?.accountId ?? '';
    this.accountId = select.value || undefined;
    select.addEventListener('change', () => {
      localStorage.setItem('acting as', select.value);
      const url = new URL(location);
      url.searchParams.delete('as');
      location.replace(url);
    });
  }

  buttons() {
    const world = new World(by('world'), this.host.events);
    const opener = by('open-world');
    const open = (shown) => {
      opener.setAttribute('aria-expanded', String(shown));
      sessionStorage.setItem('world', shown ? 'open' : '');
      world.open(shown);
    };
    opener.addEventListener('click', () => open(by('world').hidden));
    if (new URLSearchParams(location.search).has('world') || sessionStorage.getItem('world')) open(true);
    by('theme').addEventListener('click', () => this.wear(this.theme === 'dark' ? 'light' : 'dark'));
    document.querySelector('.search').addEventListener('submit', (event) => {
      event.preventDefault();
      const key = new FormData(event.target).get('key').trim();
      if (key) location.assign(`/browse/${encodeURIComponent(key.toUpperCase())}`);
    });
  }

  wear(theme) {
    this.theme = theme;
    localStorage.setItem('theme', theme);
    document.documentElement.dataset.colorMode = theme;
    this.host.wear(theme);
  }

  navigate(address, newTab) {
    if (newTab) window.open(address, '_blank', 'noopener');
    else location.assign(address);
  }

  complain(message) {
    console.error(message);
    this.flags.show({ id: message, title: 'Not modelled', description: message, type: 'error' });
  }
}

class Flags {
  constructor(element) {
    this.element = element;
    this.shown = new Map();
  }

  show({ id, title, description, type = 'info', appearance, actions = [], isAutoDismiss }, call) {
    this.close(id);
    const flag = h(`div.flag.${appearance ?? type}`, { 'data-flag': id },
      h('div.row', {}, title ?? '', h('button', { type: 'button', 'aria-label': 'Dismiss', onclick: () => this.close(id) }, '×')),
      description && h('p', {}, description),
      actions.map(({ text, onClick }) => h('button', { type: 'button', onclick: () => call(onClick) }, text)));
    this.shown.set(id, flag);
    this.element.append(flag);
    if (isAutoDismiss) setTimeout(() => this.close(id), 8000);
  }

  close(id) {
    this.shown.get(id)?.remove();
    return this.shown.delete(id);
  }
}

const WIDTHS = { small: '400px', medium: '600px', large: '800px', xlarge: '968px', max: '96vw', fullscreen: '100vw', resizable: '800px' };
const FILLS = new Set(['max', 'fullscreen']);

class Modals {
  constructor(element, page) {
    Object.assign(this, { element, page });
  }

  /** As the app asks with `new Modal({ … }).open()`. */
  open(opener, { resource, onClose, size, context, closeOnEscape, closeOnOverlayClick, title }) {
    this.show({
      module: opener.module,
      resource: resource ?? undefined,
      extension: { ...opener.extension, modal: context },
      size, title, closeOnEscape, closeOnOverlayClick,
      onClose: (payload) => opener.call(onClose, payload),
    });
    return true;
  }

  show({ module, resource, extension, size = 'medium', title, closeOnEscape = true, closeOnOverlayClick = true, onClose }) {
    const fill = FILLS.has(size);
    const close = (payload) => {
      this.page.host.close(frame);
      veil.remove();
      removeEventListener('keydown', escape);
      onClose?.(payload);
    };
    const frame = this.page.host.open({ module, resource, extension, fill, onClose: close });
    const escape = ({ key }) => {
      if (key === 'Escape' && closeOnEscape) close();
    };
    frame.onEscape = () => escape({ key: 'Escape' });
    const width = typeof size === 'object' ? size.width : WIDTHS[size];
    const height = typeof size === 'object' ? size.height : fill ? '94vh' : undefined;
    const dialog = h('div.modal', { role: 'dialog', 'aria-modal': 'true', 'aria-label': title || module.title || module.key,
      style: `width: ${width}; ${height ? `height: ${height}` : ''}` }, title && h('h2', {}, title), frame.element);
    if (size === 'fullscreen') Object.assign(dialog.style, { maxWidth: 'none', maxHeight: 'none', height: '100vh', borderRadius: 0 });
    const veil = h('div.veil', { onclick: ({ target }) => target === veil && closeOnOverlayClick && close() }, dialog);
    addEventListener('keydown', escape);
    this.element.append(veil);
  }
}

/** The app's own address within its page, kept behind the `#` of this one. */
class FrameHistory {
  constructor() {
    this.followers = new Set();
    addEventListener('popstate', () => this.tell('POP'));
  }

  get location() {
    const { pathname, search, hash } = new URL(location.hash.slice(1) || '/', 'http://app');
    return { pathname, search, hash, state: history.state, key: 'default' };
  }

  follow(listener) {
    this.followers.add(listener);
    return { location: this.location, action: 'POP', length: history.length };
  }

  move({ how, to, state = null, by: steps }) {
    if (how === 'GO') return history.go(steps);
    const path = typeof to === 'string' ? to : `${to.pathname ?? '/'}${to.search ?? ''}${to.hash ?? ''}`;
    const change = how === 'PUSH' ? 'pushState' : 'replaceState';
    history[change](state, '', `#${path}`);
    return this.tell(how);
  }

  tell(action) {
    for (const listener of this.followers) listener({ location: this.location, action });
  }
}

await new Page().start();
