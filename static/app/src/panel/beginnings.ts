// Where a run that is over can begin anew, and what that writes once more.

import type { Beginning } from '../api/generated';

/** The step to begin at: the chosen one, else the last, for the least is done twice from there. */
export function beginningOf(beginnings: Beginning[], chosen: string): string {
  const found = beginnings.find(({ step }) => step === chosen) ?? beginnings.at(-1);
  return found?.step ?? '';
}

export type Repeated = { title: string; times: number };

/** What is written once more by this step and all that follow; a loop's many writes are one line. */
export function repeatedFrom(beginnings: Beginning[], step: string): Repeated[] {
  const at = beginnings.findIndex((one) => one.step === step);
  const times = new Map<string, number>();
  for (const { writes } of at < 0 ? [] : beginnings.slice(at)) {
    for (const title of writes) times.set(title, (times.get(title) ?? 0) + 1);
  }
  return [...times].map(([title, n]) => ({ title, times: n }));
}
