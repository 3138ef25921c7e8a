/** Frames of the app over the page, opened by the app or by a button of Jira. */
import { h } from './dom.js';

const WIDTHS = {
  small: '400px',
  medium: '600px',
  large: '800px',
  xlarge: '968px',
  max: '96vw',
  fullscreen: '100vw',
  resizable: '800px',
};
const FILLS = new Set(['max', 'fullscreen']);

export class Modals {
  constructor(element, page) {
    Object.assign(this, { element, page });
  }

  /** As the app asks with `new Modal({ … }).open()`. */
  open(opener, { resource, onClose, size, context, closeOnEscape, closeOnOverlayClick, title }) {
    this.show({
      module: opener.module,
      resource: resource ?? undefined,
      extension: { ...opener.extension, modal: context },
      size,
      title,
      closeOnEscape,
      closeOnOverlayClick,
      onClose: (payload) => opener.call(onClose, payload),
    });
    return true;
  }

  show({
    module,
    resource,
    extension,
    size = 'medium',
    title,
    closeOnEscape = true,
    closeOnOverlayClick = true,
    onClose,
  }) {
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
    const dialog = h(
      'div.modal',
      {
        role: 'dialog',
        'aria-modal': 'true',
        'aria-label': title || module.title || module.key,
        style: `width: ${width}; ${height ? `height: ${height}` : ''}`,
      },
      title && h('h2', {}, title),
      frame.element,
    );
    if (size === 'fullscreen')
      Object.assign(dialog.style, {
        maxWidth: 'none',
        maxHeight: 'none',
        height: '100vh',
        borderRadius: 0,
      });
    const veil = h(
      'div.veil',
      { onclick: ({ target }) => target === veil && closeOnOverlayClick && close() },
      dialog,
    );
    addEventListener('keydown', escape);
    this.element.append(veil);
  }
}
