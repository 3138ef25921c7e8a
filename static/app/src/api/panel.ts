// What the issue panel asks the backend.

import { call } from './call';
import type { Exported, Panel, RunView, Way } from './generated';

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
export const replyTo = (run: string, question: string, answer: Record<string, unknown>) =>
  call<RunView>('reply', { run, question, answer });
export const resolveCall = (run: string, question: string, way: Way, reason: string) =>
  call<RunView>('resolve', { run, question, way, reason });
export const pauseRun = (run: string, reason: string) => call<RunView>('pause', { run, reason });
export const resumeRun = (run: string) => call<RunView>('resume', { run });
/** Takes back the writes with these effect keys, or all that can be. */
export const undoWrites = (run: string, effects: string[], reason: string) =>
  call<RunView>('undo', { run, effects, reason });
/** Begins anew at this step, now that the run is over. */
export const rerunRun = (run: string, step: string, reason: string) =>
  call<RunView>('rerun', { run, step, reason });
