// How often the panel asks by itself.

import type { RunView } from '../api/generated';
import { isFinal } from '../words/labels';

const FAST_MS = 5_000;
const SLOW_MS = 30_000;

/** Hints can be lost, so an open run is looked at even while they arrive, only less often. */
export function pollEvery(runs: Pick<RunView, 'state'>[], live: boolean): number | null {
  const open = runs.some(({ state }) => !isFinal(state));
  if (open) return live ? SLOW_MS : FAST_MS;
  return live ? null : SLOW_MS;
}
