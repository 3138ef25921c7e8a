// What the issue panel asks the backend.

import { call } from './call';
import type { Exported, Panel, RunView } from './generated';

export type { Panel } from './generated';

export type Answer =
  | { answer: 'approve' }
  | { answer: 'modify'; changes: Record<string, unknown> }
  | { answer: 'reject'; reason: string };

/** Names the effect and the payload that was on the screen. */
export type Question = { run: string; effect: string; payload_hash: string };

/** `heard` names runs that were announced: a search may not find them yet. */
export const readPanel = (heard: string[]) => call<Panel>('panel', { heard });
export const answerApproval = (question: Question, answer: Answer) =>
  call<RunView>('answer', { ...question, ...answer });
export const cancelRun = (run: string, reason: string) => call<RunView>('cancel', { run, reason });
export const exportRun = (run: string) => call<Exported>('export', { run });
