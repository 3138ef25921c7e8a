/** Messages the app asks to be shown above the page. */
import { h } from './dom.js';

export class Flags {
  constructor(element) {
    this.element = element;
    this.shown = new Map();
  }

  show({ id, title, description, type = 'info', appearance, actions = [], isAutoDismiss }, call) {
    this.close(id);
    const flag = h(
      `div.flag.${appearance ?? type}`,
      { 'data-flag': id },
      h(
        'div.row',
        {},
        title ?? '',
        h(
          'button',
          { type: 'button', 'aria-label': 'Dismiss', onclick: () => this.close(id) },
          '×',
        ),
      ),
      description && h('p', {}, description),
      actions.map(({ text, onClick }) =>
        h('button', { type: 'button', onclick: () => call(onClick) }, text),
      ),
    );
    this.shown.set(id, flag);
    this.element.append(flag);
    if (isAutoDismiss) setTimeout(() => this.close(id), 8000);
  }

  close(id) {
    this.shown.get(id)?.remove();
    return this.shown.delete(id);
  }
}
