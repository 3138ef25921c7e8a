// Gives quotes the numbers of the facts they come from.

import type { Evidence, Saw } from '../api/generated';

export type Numbered = Evidence & { n: number };

/** Facts that were seen keep their number; others are counted on behind them. */
export function numberEvidence(evidence: Evidence[], saw: Saw[]): Numbered[] {
  const numbers = new Map(saw.map(({ fact }, i) => [fact, i + 1]));
  return evidence.map((quoted) => {
    const n = numbers.get(quoted.fact) ?? numbers.size + 1;
    numbers.set(quoted.fact, n);
    return { ...quoted, n };
  });
}
