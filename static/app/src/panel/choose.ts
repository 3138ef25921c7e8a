// Which run is shown first, and which entry of it is open.

import type { Entry, EntryKind, RunView } from '../api/generated';
import { isFinal, isMyTurn } from '../words/labels';

/** What waits for the person looking, else what is still going on, else the newest. */
export function firstRun(runs: RunView[]): RunView | undefined {
  return runs.find(isMyTurn) ?? runs.find((run) => !isFinal(run.state)) ?? runs[0];
}

export const hasMore = (entry: Entry): boolean =>
  entry.adapted !== null || entry.saw.length > 0 || entry.decided !== null || entry.did !== null;

/** The place of the last thing that did not go as planned, else of the last decision, else -1. */
export function firstOpen(timeline: Entry[]): number {
  const last = (is: (entry: Entry) => boolean) =>
    timeline.findLastIndex((entry) => hasMore(entry) && is(entry));
  const adapted = last((entry) => entry.adapted !== null || entry.state === 'failed');
  return adapted >= 0 ? adapted : last((entry) => entry.kind === 'decision');
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
