/** Elements without a library. */

/** `h('a.link', { href }, 'text', child, …)` */
export function h(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split('.');
  const element = document.createElement(tag);
  element.classList.add(...classes);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, '');
    else if (value !== undefined && value !== null && value !== false)
      element.setAttribute(key, value);
  }
  element.append(
    ...children.flat().filter((child) => child !== undefined && child !== null && child !== false),
  );
  return element;
}

/** A document in Atlassian's format, as far as a reader needs it. */
export function adf(node) {
  if (!node) return h('p.quiet', {}, 'None');
  if (typeof node === 'string') return h('p', {}, node);
  const children = (node.content ?? []).map(adf);
  const tags = {
    paragraph: 'p',
    bulletList: 'ul',
    orderedList: 'ol',
    listItem: 'li',
    heading: 'h3',
    codeBlock: 'pre',
    blockquote: 'blockquote',
    table: 'table',
    tableRow: 'tr',
    tableHeader: 'th',
    tableCell: 'td',
  };
  if (node.type === 'text') return document.createTextNode(node.text);
  if (node.type === 'hardBreak') return h('br');
  return h(tags[node.type] ?? 'div', {}, children);
}
