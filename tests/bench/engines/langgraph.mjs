// LangGraph.js in the benchmark: every step one node of a graph that adds one to a count.
import { readFileSync } from 'node:fs';
import { Annotation, END, MemorySaver, START, StateGraph } from '@langchain/langgraph';

const State = Annotation.Root({
  count: Annotation({ reducer: (sum, more) => sum + more, default: () => 0 }),
  key: Annotation(),
});

const manifest = new URL(import.meta.resolve('@langchain/langgraph/package.json'));
export const version = JSON.parse(readFileSync(manifest)).version;

function graph(shape, effect) {
  const drawn = new StateGraph(State);
  const node = (name) =>
    drawn.addNode(name, async ({ key }) => {
      await effect(key, name);
      return { count: 1 };
    });
  const chain = (...names) =>
    names.slice(1).forEach((name, index) => drawn.addEdge(names[index], name));
  if (shape === 'linear') {
    const names = Array.from({ length: 10 }, (_, index) => `s${index + 1}`);
    names.forEach(node);
    chain(START, ...names, END);
    return drawn;
  }
  ['a', 'b', 'c', 'hi', 'lo', 'p1', 'p2', 'p3', 'j', 'd', 'e'].forEach(node);
  chain(START, 'a', 'b', 'c');
  drawn.addConditionalEdges('c', ({ count }) => (count >= 3 ? 'hi' : 'lo'), ['hi', 'lo']);
  for (const way of ['hi', 'lo']) for (const p of ['p1', 'p2', 'p3']) drawn.addEdge(way, p);
  drawn.addEdge(['p1', 'p2', 'p3'], 'j');
  chain('j', 'd', 'e', END);
  return drawn;
}

async function saver(file, synchronous) {
  if (!file) return new MemorySaver();
  const { SqliteSaver } = await import('@langchain/langgraph-checkpoint-sqlite');
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma(`synchronous = ${synchronous}`);
  return new SqliteSaver(db);
}

export async function open({ shape, file, synchronous = 'NORMAL', effect = () => {} }) {
  const checkpointer = await saver(file, synchronous);
  const compiled = graph(shape, effect).compile({ checkpointer });
  return {
    /** Plays a run to its end; one that was begun before goes on where its checkpoints say. */
    async play(key) {
      const config = { configurable: { thread_id: key }, durability: 'sync' };
      const known = await checkpointer.getTuple(config);
      const { count } = await compiled.invoke(known ? null : { key }, config);
      if (count !== 10) throw new Error(`${key} came to ${count}`);
      return count;
    },
    async close() {
      checkpointer.db?.close();
    },
  };
}
