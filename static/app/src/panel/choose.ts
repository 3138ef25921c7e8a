// Which run is shown first, and which entry of it is open.

import type { Entry, EntryKind, RunView } from '../api/generated';
import { isFinal, isMyTurn } from '../words/labels';

/** What waits for the person looking, else what is still going on, else the newest. */
export function firstRun(runs: RunView[]): RunView | undefined {
  return (
    runs.find(isMyTurn) ??
    runs.find((run) => !isFinal(run.state)) ??
    runs[0]
  );
}

export const hasMore = (entry: Entry): boolean =>
  entry.adapted !== null || entry.saw.length > 0 || entry.decided !== null || entry.did !== null;

/** The last thing that did not go as planned, else the last decision. */
export function firstOpen(timeline: Entry[]): number | null {
  const told = timeline.filter(hasMore);
  const found =
    told.findLast((entry) => entry.adapted !== null || entry.state === 'failed') ??
    told.findLast((entry) => entry.kind === 'decision');
  return found?.seq ?? null;
}

export const FILTERS = ['all', 'decisions', 'actions', 'adapted'] as const;
export type Filter = (typeof FILTERS)[number];

const KINDS: Record<'decisions' | 'actions', EntryKind[]> = {
  decisions: ['decision', 'person'],
  actions: ['action'],
};

export function passes(filter: Filter, entry: Entry): boolean {
  if (filter === 'all') return true;
  if (filter === 'adapted') {
    return entry.adapted !== null || entry.state === 'adapted' || entry.state === 'failed';
  }
  return KINDS[filter].includes(entry.kind);
}
