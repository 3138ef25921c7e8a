// TanStack Workflow in the benchmark: a closure whose steps are recorded in its own log in memory.
import { readFileSync } from 'node:fs';
import { createWorkflow, inMemoryRunStore, runWorkflow } from '@tanstack/workflow-core';
import { z } from 'zod';

const manifest = new URL('../package.json', import.meta.resolve('@tanstack/workflow-core'));
export const version = JSON.parse(readFileSync(manifest)).version;

const SHAPES = {
  async linear(step) {
    let count = 0;
    for (let i = 1; i <= 10; i += 1) count = await step(`s${i}`, count);
    return count;
  },
  async mixed(step) {
    let count = await step('c', await step('b', await step('a', 0)));
    count = await step(count >= 3 ? 'hi' : 'lo', count);
    const sides = await Promise.all(['p1', 'p2', 'p3'].map((name) => step(name, 0)));
    count += sides.reduce((sum, one) => sum + one);
    return step('e', await step('d', await step('j', count)));
  },
};

export async function open({ shape, effect = () => {} }) {
  const workflow = createWorkflow({ id: shape, input: z.object({ key: z.string() }) }).handler(
    async (ctx) => {
      const step = (name, count) =>
        ctx.step(name, async () => {
          await effect(ctx.input.key, name);
          return count + 1;
        });
      return { count: await SHAPES[shape](step) };
    },
  );
  const runStore = inMemoryRunStore();
  return {
    async play(key) {
      let output;
      for await (const event of runWorkflow({ workflow, input: { key }, runId: key, runStore })) {
        if (event.type === 'RUN_FINISHED') output = event.output ?? event.result;
      }
      if (output?.count !== 10) throw new Error(`${key} came to ${JSON.stringify(output)}`);
      return output.count;
    },
    async close() {},
  };
}
