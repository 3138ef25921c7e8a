/**
 * The drawer beside the page: what the tools hold, what can happen in them, and when.
 */
import { ask, get, post } from './api.js';
import { h } from './dom.js';
import { glance } from './glance.js';

const BREAKS = {
  drop_after: 'times out after it did it',
  drop_before: 'cannot be reached',
  status: 'answers 500',
  unauthorized: 'answers 401',
  malformed: 'answers nonsense',
  html: 'answers a 502 page',
};

/** Where a demonstration usually shows first. */
const UNFOLDED = new Set(['slack', 'salesforce', 'gitlab', 'confluence']);

export class World {
  /** @param {HTMLElement} element @param {EventSource} events */
  constructor(element, events) {
    this.element = element;
    this.seen = undefined;
    this.drawn = {};
    this.clock = h('span.clock');
    this.actions = h('div');
    this.faults = h('div');
    this.tree = h('div');
    this.trouble = h('p.error', { role: 'alert' });
    element.append(
      h('h2', {}, 'Time'),
      this.times(),
      h('h2', {}, 'What others do'),
      this.actions,
      h('h2', {}, 'What goes wrong'),
      this.faults,
      this.trouble,
      h('h2', {}, 'What the tools hold'),
      this.tree,
    );
    events.addEventListener('clock', ({ data }) => this.showClock(JSON.parse(data)));
    events.addEventListener('quiet', () => this.refresh());
  }

  open(shown) {
    this.element.hidden = !shown;
    if (shown) this.refresh();
  }

  times() {
    const advance = (body) => () => this.try(() => post('/api/clock/advance', body));
    return h(
      'div.row',
      {},
      this.clock,
      h('button', { type: 'button', onclick: advance({ next: true }) }, 'To the next event'),
      h('button', { type: 'button', onclick: advance({ by_ms: 5 * 60_000 }) }, '+ 5 min'),
      h('button', { type: 'button', onclick: advance({ by_ms: 3_600_000 }) }, '+ 1 h'),
    );
  }

  showClock({ now }) {
    this.clock.textContent = new Date(now).toISOString().replace('T', ' ').slice(0, 19);
  }

  async try(work) {
    this.trouble.textContent = '';
    try {
      await work();
      await this.refresh();
    } catch (error) {
      this.trouble.textContent = error.message;
    }
  }

  /** Reads everything again; the latest wish wins. */
  async refresh() {
    if (this.element.hidden) return;
    const [world, faults, actions, clock] = await Promise.all(
      ['/api/world', '/api/faults', '/api/tools/actions', '/api/clock'].map((path) =>
        get(path).catch(() => undefined),
      ),
    );
    if (clock) this.showClock(clock);
    this.renew('actions', actions ?? [], () => this.showActions(actions ?? []));
    this.renew('faults', [faults, Object.keys(world ?? {})], () =>
      this.showFaults(faults ?? [], Object.keys(world ?? {})),
    );
    this.renew('world', world ?? {}, () => this.showWorld(world ?? {}));
  }

  /** Draws only what is different, so that nobody loses a button under the pointer. */
  renew(part, data, draw) {
    const text = JSON.stringify(data);
    if (this.drawn[part] !== text) draw();
    this.drawn[part] = text;
  }

  showActions(actions) {
    this.actions.replaceChildren(
      ...actions
        .filter(({ id }) => !/^(break|mend)-/.test(id))
        .map(({ id, label, about }) =>
          h(
            'div.row',
            {},
            h(
              'button',
              {
                type: 'button',
                title: about,
                'data-action': id,
                onclick: () => this.try(() => post(`/api/tools/actions/${id}`)),
              },
              label,
            ),
          ),
        ),
    );
  }

  showFaults(faults, tools) {
    const rows = tools.map((tool) => {
      const active = faults.filter(
        (fault) => fault.tool === tool && (fault.times === null || fault.hits < fault.times),
      );
      const choose = h(
        'select',
        {
          'aria-label': `Break ${tool}`,
          onchange: ({ target }) =>
            this.try(() => post('/api/faults', { tool, effect: target.value, times: 1 })),
        },
        h('option', { value: '' }, 'works'),
        Object.entries(BREAKS).map(([effect, words]) =>
          h('option', { value: effect }, `next time ${words}`),
        ),
      );
      choose.value = active[0]?.effect ?? '';
      return h(
        'div.row',
        {},
        h('span', {}, tool),
        choose,
        active.length > 0 &&
          h(
            'button',
            {
              type: 'button',
              onclick: () => this.try(() => ask('DELETE', '/api/faults', { tool })),
            },
            'Mend',
          ),
      );
    });
    this.faults.replaceChildren(...rows);
  }

  /** Keeps open what was open, and marks what is new since the last look. */
  showWorld(world) {
    const open = new Set(
      [...this.tree.querySelectorAll('details[open]')].map(({ dataset }) => dataset.path),
    );
    const before = this.seen;
    const looks = Object.entries(world).map(([tool, held]) => {
      const path = `glance ${tool}`;
      const unfolded = before === undefined ? UNFOLDED.has(tool) : open.has(path);
      return h(
        'details',
        { 'data-path': path, open: unfolded },
        h('summary', {}, h('strong', {}, tool)),
        glance(tool, held),
        tree('everything', held, before?.[tool], {
          path: tool,
          open,
          marked: before !== undefined,
        }),
      );
    });
    this.tree.replaceChildren(...looks);
    this.seen = world;
  }
}

function tree(name, value, old, { path, open, marked }) {
  const changed = marked && JSON.stringify(value) !== JSON.stringify(old);
  if (typeof value !== 'object' || value === null) {
    return h(
      changed ? 'div.leaf.changed' : 'div.leaf',
      {},
      h('span.name', {}, `${name} `),
      String(value),
    );
  }
  const entries = Object.entries(value);
  const children = entries.map(([key, inner]) =>
    tree(key, inner, old?.[key], { path: `${path}/${key}`, open, marked }),
  );
  return h(
    changed ? 'details.changed' : 'details',
    { 'data-path': path, open: open.has(path) },
    h('summary', {}, name, ' ', h('span.name', {}, hint(value, entries))),
    children,
  );
}

/** What is in there, in a few words. */
function hint(value, entries) {
  const word =
    value.text ?? value.title ?? value.summary ?? value.Subject ?? value.name ?? value.displayName;
  if (typeof word === 'string') return word.slice(0, 80);
  return Array.isArray(value) ? `${value.length}` : entries.length === 0 ? 'nothing' : '';
}
