// What a run wrote, sorted by whether it can be taken back.

import { createContext } from 'react';

import type { Did, Entry } from '../api/generated';

/** Takes back the writes with these effect keys; `null` while the run is not over. */
export const UndoContext = createContext<((effects: string[]) => Promise<void>) | null>(null);

/** Whether it can be tried to take a write back, perhaps once more. */
export const canUndo = ({ undo }: Did): boolean =>
  undo?.state === 'possible' || (undo?.state === 'impossible' && undo.again);

export type Write = { key: string; system: string; text: string; did: Did };
export type Writes = { open: Write[]; shut: Write[]; undone: Write[] };

/** Every write that happened, the last first, as they would be taken back. */
export function writesOf(timeline: Entry[]): Writes {
  const writes = new Map<string, Write>();
  for (const { did, text, system } of timeline) {
    if (did?.undo) writes.set(did.effect_key, { key: did.effect_key, system, text, did });
  }
  const all = [...writes.values()].reverse();
  return {
    open: all.filter(({ did }) => canUndo(did)),
    shut: all.filter(({ did }) => did.undo?.state === 'impossible' && !canUndo(did)),
    undone: all.filter(({ did }) => did.undo?.state === 'done'),
  };
}
