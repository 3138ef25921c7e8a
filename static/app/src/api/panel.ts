// What the issue panel asks the backend.

import { call } from './call';
import type { RunView } from './generated';

export type Panel = {
  /** The server's clock, milliseconds since 1970. */
  now: number;
  /** The account id of the person looking. */
  me: string;
  /** The issue's key. */
  issue: string;
  /** Newest first. */
  runs: RunView[];
  /** Where hints about changes are published, if anywhere. */
  channel: { name: string; token: string } | null;
};

export type Answer =
  | { answer: 'approve' }
  | { answer: 'modify'; changes: Record<string, unknown> }
  | { answer: 'reject'; reason: string };

/** Names the effect and the payload that was on the screen. */
export type Question = { run: string; effect: string; payload_hash: string };

export const readPanel = () => call<Panel>('panel');
export const answerApproval = (question: Question, answer: Answer) =>
  call<RunView>('answer', { ...question, ...answer });
export const cancelRun = (run: string, reason: string) => call<RunView>('cancel', { run, reason });
