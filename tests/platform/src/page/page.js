/**
 * The page around the app: who looks, in which light, at what.
 */
import { get } from './api.js';
import { h } from './dom.js';
import { Flags } from './flags.js';
import { Host } from './frame.js';
import { FrameHistory } from './history.js';
import { homeView, issueView, settingsView } from './issue.js';
import { Modals } from './modals.js';
import { World } from './world.js';

const by = (id) => document.getElementById(id);

export class Page {
  async start() {
    const { ui, app, modules } = await get('/api/frame');
    Object.assign(this, { app, modules });
    this.theme =
      new URLSearchParams(location.search).get('theme') ?? localStorage.getItem('theme') ?? 'light';
    this.host = new Host({ ui, page: this });
    this.flags = new Flags(by('flags'));
    this.modals = new Modals(by('modals'), this);
    this.history = new FrameHistory();
    this.wear(this.theme);
    await this.people();
    this.buttons();
    by('main').append(
      await this.view().catch((error) =>
        h('div.home', {}, h('h1', {}, 'Not here'), h('p', {}, error.message)),
      ),
    );
  }

  view() {
    const [place, ...rest] = location.pathname.split('/').filter(Boolean).map(decodeURIComponent);
    if (place === 'browse') return issueView(this, rest[0]);
    if (place === 'projects')
      return settingsView(this, { projectKey: rest[0], moduleKey: rest[2] });
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
    const users = (await get('/api/bridge/users').catch(() => [])).filter(
      ({ accountType }) => accountType !== 'app',
    );
    const select = by('acting');
    select.append(
      ...users.map(({ accountId, displayName }) => h('option', { value: accountId }, displayName)),
    );
    const wished =
      new URLSearchParams(location.search).get('as') ?? localStorage.getItem('acting as');
    select.value = users.some(({ accountId }) => accountId === wished)
      ? wished
      : (users[0]?.accountId ?? '');
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
    if (new URLSearchParams(location.search).has('world') || sessionStorage.getItem('world'))
      open(true);
    by('theme').addEventListener('click', () =>
      this.wear(this.theme === 'dark' ? 'light' : 'dark'),
    );
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

await new Page().start();
