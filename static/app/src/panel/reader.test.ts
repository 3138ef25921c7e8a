// How the panel reads: one read at a time, never one that a write has overtaken.

import { expect, test } from 'vitest';

import { createReader } from './reader';

/** A backend whose answers are given by hand. */
function backend() {
  const asked: ((value: string) => void)[] = [];
  const shown: string[] = [];
  const failed: unknown[] = [];
  const reader = createReader<string>({
    read: () => new Promise((answer) => asked.push(answer)),
    show: (value) => shown.push(value),
    fail: (thrown) => failed.push(thrown),
  });
  const answer = async (value: string) => {
    asked.at(-1)?.(value);
    await new Promise((done) => setImmediate(done));
  };
  return { reader, asked, shown, failed, answer };
}

test('a burst of hints is one read now and one afterwards', async () => {
  const { reader, asked, shown, answer } = backend();
  for (let i = 0; i < 20; i++) reader.reload();
  expect(asked).toHaveLength(1);
  await answer('first');
  expect(asked).toHaveLength(2);
  await answer('second');
  expect(asked).toHaveLength(2);
  expect(shown).toEqual(['first', 'second']);
});

test('a read that a write overtook is not shown but repeated', async () => {
  const { reader, asked, shown, answer } = backend();
  reader.reload();
  await reader.send(async () => 'written');
  await answer('older than the write');
  expect(shown).toEqual([]);
  expect(asked).toHaveLength(2);
  await answer('newer');
  expect(shown).toEqual(['newer']);
});

test('a hint during a write waits for its end', async () => {
  const { reader, asked } = backend();
  let finish = () => {};
  const write = reader.send(() => new Promise<void>((done) => (finish = done)));
  reader.reload();
  expect(asked).toHaveLength(0);
  finish();
  await write;
  expect(asked).toHaveLength(1);
});

test('a write that fails fails for the one who asked, and reading goes on', async () => {
  const { reader, shown, answer } = backend();
  await expect(reader.send(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  reader.reload();
  await answer('value');
  expect(shown).toEqual(['value']);
});

test('a failed read is told, and the next one is tried', async () => {
  const failed: unknown[] = [];
  let n = 0;
  const reader = createReader<number>({
    read: () => (++n === 1 ? Promise.reject(new Error('down')) : Promise.resolve(n)),
    show: () => undefined,
    fail: (thrown) => failed.push(thrown),
  });
  reader.reload();
  reader.reload();
  await new Promise((done) => setImmediate(done));
  expect(failed).toHaveLength(1);
  expect(n).toBe(2);
});
