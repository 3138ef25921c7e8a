/**
 * A tiny world for the fixture: enough of Jira and one outside tool to see calls arrive.
 */
import { Hono } from 'hono';

export class Dropped extends Error {
  name = 'Dropped';
}

export function createTools({ db, emit }) {
  db.exec('CREATE TABLE IF NOT EXISTS fixture_note (id INTEGER PRIMARY KEY, text TEXT)');
  const faults = [];
  const note = (text) => db.prepare('INSERT INTO fixture_note (text) VALUES (?)').run(text);
  const notes = () =>
    db
      .prepare('SELECT text FROM fixture_note ORDER BY id')
      .all()
      .map(({ text }) => text);
  const loud = (app) =>
    app.onError((error) => {
      throw error;
    });

  const users = ['ada', 'ben', 'cleo'].map((accountId) => ({ accountId, displayName: accountId }));
  const issue = (key) => ({
    id: '10088',
    key,
    fields: {
      summary: '502 from checkout-gateway',
      status: { name: 'In Progress' },
      priority: { name: 'High' },
      issuetype: { id: '1', name: 'Bug' },
      project: { id: '1', key: 'PAY', name: 'Payments', projectTypeKey: 'software' },
      description: {
        type: 'doc',
        version: 1,
        content: [
          { type: 'paragraph', content: [{ type: 'text', text: 'Every card payment fails.' }] },
        ],
      },
    },
  });

  const jira = new Hono();
  loud(jira);
  jira.get('/rest/api/3/myself', (c) => c.json({ accountId: c.req.header('x-tutti-actor') }));
  jira.get('/rest/api/3/issue/:key', (c) => c.json(issue(c.req.param('key'))));
  jira.get('/rest/api/3/project/:key', (c) =>
    c.json({ id: '1', key: c.req.param('key'), projectTypeKey: 'software' }),
  );
  jira.post('/rest/api/3/issue/:key/comment', (c) => {
    note(`comment on ${c.req.param('key')} by ${c.req.header('x-tutti-actor')}`);
    return c.json({ id: '1' }, 201);
  });

  const tool = new Hono();
  loud(tool);
  tool.get('/hello', (c) => c.json({ hello: c.req.header('authorization') ?? 'nobody' }));
  tool.get('/away', (c) => c.redirect('https://secret.example/'));
  tool.get('/home', (c) => c.redirect('https://sub.wild.example/hello'));
  tool.post('/notes', async (c) => {
    note(await c.req.text());
    if (faults.some(({ effect }) => effect === 'drop_after')) throw new Dropped('gone');
    return c.json({ ok: true }, 201);
  });
  const wild = new Hono().get('/hello', (c) =>
    c.json({ wild: true, auth: c.req.header('authorization') ?? null }),
  );

  const control = new Hono();
  const actions = {
    release: {
      label: 'Release 4.12.3',
      about: 'Jira publishes avi:jira:released:version',
      run: () =>
        emit({
          kind: 'product',
          event: 'avi:jira:released:version',
          actor: 'ada',
          payload: { version: { id: '7', name: '4.12.3' } },
        }),
    },
  };
  control.get('/actions', (c) =>
    c.json(Object.entries(actions).map(([id, { label, about }]) => ({ id, label, about }))),
  );
  control.post('/actions/:id', (c) => {
    actions[c.req.param('id')].run();
    return c.json({});
  });
  control.post('/webhook', async (c) => {
    const { url, body } = await c.req.json();
    emit({ kind: 'http', url, headers: { 'x-hook': 'yes' }, body });
    return c.json({});
  });

  return {
    products: { jira },
    hosts: { 'tool.example': tool, 'sub.wild.example': wild },
    world: () => ({ jira: { users }, notes: notes() }),
    faults: {
      list: () => faults,
      add: (fault) => faults.push(fault) && fault,
      clear: () => faults.splice(0),
      strike: ({ tool, path }) =>
        faults.find((fault) => fault.tool === tool && path.includes(fault.path)),
    },
    control,
    seed: () => db.exec('DELETE FROM fixture_note'),
    Dropped,
  };
}
