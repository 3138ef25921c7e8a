// Mastra in the benchmark: its workflows without a storage, or on libSQL.
import { readFileSync } from 'node:fs';
import { createClient } from '@libsql/client';
import { Mastra } from '@mastra/core';
import { createStep, createWorkflow } from '@mastra/core/workflows';
import { LibSQLStore } from '@mastra/libsql';
import { z } from 'zod';

const manifest = new URL(import.meta.resolve('@mastra/core/package.json'));
export const version = JSON.parse(readFileSync(manifest)).version;

const schema = z.any();
const ends = { inputSchema: schema, outputSchema: schema };

/** What a block handed on, of whichever branches ran. */
function sum(given) {
  if (typeof given.count === 'number') return given.count;
  const counts = Object.values(given).filter(Boolean).map(({ count }) => count);
  return Math.max(...counts) + counts.length - 1;
}

function workflow(shape, effect) {
  const step = (id) =>
    createStep({
      id,
      ...ends,
      execute: async ({ inputData, runId }) => {
        await effect(runId, id);
        return { count: sum(inputData) + 1 };
      },
    });
  const drawn = createWorkflow({ id: shape, ...ends });
  if (shape === 'linear') {
    for (let i = 1; i <= 10; i += 1) drawn.then(step(`s${i}`));
    return drawn.commit();
  }
  drawn.then(step('a')).then(step('b')).then(step('c'));
  drawn.branch([
    [async ({ inputData }) => inputData.count >= 3, step('hi')],
    [async ({ inputData }) => inputData.count < 3, step('lo')],
  ]);
  drawn.parallel([step('p1'), step('p2'), step('p3')]);
  return drawn.then(step('j')).then(step('d')).then(step('e')).commit();
}

export async function open({ shape, file, synchronous = 'NORMAL', effect = () => {} }) {
  let storage;
  let client;
  if (file) {
    client = createClient({ url: `file:${file}` });
    await client.execute('PRAGMA journal_mode = WAL');
    await client.execute(`PRAGMA synchronous = ${synchronous}`);
    storage = new LibSQLStore({ client });
    await storage.init();
  }
  const drawn = workflow(shape, effect);
  const mastra = new Mastra({ workflows: { [shape]: drawn }, storage, logger: false });
  const known = mastra.getWorkflow(shape);
  return {
    /** Plays a run to its end; one that was begun before is restarted from its snapshot. */
    async play(key) {
      const before = storage && (await storage.loadWorkflowSnapshot({ workflowName: shape, runId: key }));
      if (before?.status === 'success') return 10;
      const run = await known.createRunAsync({ runId: key });
      const done = before
        ? await run.restart()
        : await run.start({ inputData: { count: 0 } });
      if (done.result?.count !== 10) throw new Error(`${key}: ${JSON.stringify(done).slice(-900)}`);
      return done.result.count;
    },
    async close() {
      client?.close();
    },
  };
}
