/**
 * Confluence in the world `acme`: ACME's account log with one older row.
 */
import { PEOPLE } from './acme-jira.mjs';

const SPACE = '300';
const VERSION = 14;

const text = (value) => ({ type: 'paragraph', content: [{ type: 'text', text: value }] });
const row = (type, cells) => ({
  type: 'tableRow',
  content: cells.map((cell) => ({ type, attrs: {}, content: [text(cell)] })),
});

const BODY = {
  type: 'doc',
  version: 1,
  content: [
    text('Escalations of ACME, newest last. The account team reads this page before every call.'),
    {
      type: 'table',
      attrs: { isNumberColumnEnabled: false, layout: 'default' },
      content: [
        row('tableHeader', ['Case', 'Issue', 'Merge request', 'Status']),
        row('tableCell', ['00011840', 'PAY-71', '!871', 'Solved']),
      ],
    },
  ],
};

export function seedConfluence(site) {
  site.spaces.put(SPACE, {
    id: SPACE,
    key: 'CUST',
    name: 'Customers',
    homepageId: '7000',
    authorId: PEOPLE.paula,
    createdAt: '2024-05-02T08:00:00.000Z',
    permissions: { read: ['anyone'], write: ['anyone'] },
  });
  page(site, '7000', 'Customers', null, 1, { ...BODY, content: [text('One page per customer.')] });
  page(site, '7001', 'ACME – account log', '7000', VERSION, BODY);
}

function page(site, id, title, parentId, last, body) {
  const createdAt = '2024-05-06T08:00:00.000Z';
  const blank = { id, spaceId: SPACE, parentId, authorId: PEOPLE.paula, createdAt };
  for (let number = 1; number <= last; number += 1) {
    site.write(blank, PEOPLE.dana, {
      number, title, body: { representation: 'atlas_doc_format', value: JSON.stringify(body) },
    });
  }
}
