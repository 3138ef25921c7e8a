/**
 * Atlassian documents in Confluence's storage format, for readers that ask for it.
 * https://confluence.atlassian.com/doc/confluence-storage-format-790796544.html
 */

const TAGS = {
  paragraph: 'p',
  bulletList: 'ul',
  orderedList: 'ol',
  listItem: 'li',
  blockquote: 'blockquote',
  tableRow: 'tr',
  tableHeader: 'th',
  tableCell: 'td',
};
const MARKS = { strong: 'strong', em: 'em', code: 'code', underline: 'u', strike: 's' };

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text) => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign]);

/** A document as XHTML. Nodes without a counterpart give their text. */
export function storage(node) {
  const inner = () => (node.content ?? []).map(storage).join('');
  if (node.type === 'text') return (node.marks ?? []).reduce(mark, escape(node.text));
  if (node.type === 'heading') return `<h${node.attrs.level}>${inner()}</h${node.attrs.level}>`;
  if (node.type === 'table') return `<table><tbody>${inner()}</tbody></table>`;
  if (node.type === 'hardBreak') return '<br />';
  if (node.type === 'rule') return '<hr />';
  if (node.type === 'inlineCard') {
    const url = escape(node.attrs.url);
    return `<a href="${url}" data-card-appearance="inline">${url}</a>`;
  }
  const tag = TAGS[node.type];
  return tag ? `<${tag}>${inner()}</${tag}>` : inner();
}

function mark(text, { type, attrs }) {
  if (type === 'link') return `<a href="${escape(attrs.href)}">${text}</a>`;
  return MARKS[type] ? `<${MARKS[type]}>${text}</${MARKS[type]}>` : text;
}
