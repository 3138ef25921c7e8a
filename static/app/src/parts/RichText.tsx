// An Atlassian document as people will read it: the parts of the format that flows write.
//
// https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/

import { Fragment, type ReactNode } from 'react';

import type { Node } from '../words/changes';
import styles from './RichText.module.css';

export function RichText({ document }: { document: Node }) {
  return <div className={styles.text}>{children(document)}</div>;
}

const children = (node: Node): ReactNode =>
  node.content?.map((child, i) => <Fragment key={i}>{block(child)}</Fragment>);

function block(node: Node): ReactNode {
  switch (node.type) {
    case 'text':
      return marked(node);
    case 'paragraph':
      return <p>{children(node)}</p>;
    case 'heading':
      return <p className={styles.heading}>{children(node)}</p>;
    case 'bulletList':
      return <ul>{children(node)}</ul>;
    case 'orderedList':
      return <ol>{children(node)}</ol>;
    case 'listItem':
      return <li>{children(node)}</li>;
    case 'blockquote':
      return <blockquote>{children(node)}</blockquote>;
    case 'panel':
      return <div className={styles.panel}>{children(node)}</div>;
    case 'codeBlock':
      return <pre>{children(node)}</pre>;
    case 'rule':
      return <hr />;
    case 'hardBreak':
      return <br />;
    case 'table':
      return (
        <table>
          <tbody>{children(node)}</tbody>
        </table>
      );
    case 'tableRow':
      return <tr>{children(node)}</tr>;
    case 'tableHeader':
      return <th>{children(node)}</th>;
    case 'tableCell':
      return <td>{children(node)}</td>;
    default:
      return node.content ? children(node) : <code>{inline(node)}</code>;
  }
}

/** What an inline node says: a mention's name, a card's address, an emoji, a status. */
function inline({ type, text, attrs = {} }: Node): string {
  const said = text ?? attrs.text ?? attrs.url ?? attrs.shortName ?? attrs.timestamp;
  return typeof said === 'string' ? said : type;
}

const MARKS: Record<string, (inner: ReactNode) => ReactNode> = {
  strong: (inner) => <strong>{inner}</strong>,
  em: (inner) => <em>{inner}</em>,
  code: (inner) => <code>{inner}</code>,
  strike: (inner) => <s>{inner}</s>,
  underline: (inner) => <u>{inner}</u>,
};

/** Links show their address instead of leading there: they are part of what is being judged. */
function marked(node: Node): ReactNode {
  return (node.marks ?? []).reduce<ReactNode>((inner, mark) => {
    if (mark.type !== 'link') return MARKS[mark.type]?.(inner) ?? inner;
    const href = String(mark.attrs?.href ?? '');
    return (
      <span className={styles.link} title={href}>
        {inner}
        {href === node.text ? null : <span className={styles.address}> ({href})</span>}
      </span>
    );
  }, node.text ?? '');
}
