// What the project settings page asks the backend.

import { call } from './call';
import type { Problem, RunState, Tile } from './generated';

export type Flows = {
  project: string;
  flows: FlowRow[];
  runs: RunRow[];
  /** The server's clock, if it says; this page's otherwise. */
  now?: number;
};

export type FlowRow = {
  id: string;
  name: string;
  enabled: boolean;
  version: number;
  /** What starts it, for people. */
  trigger: string;
  tiles: Tile[];
  problems: Problem[];
  runs: number;
  waiting: number;
  last_run_at: number | null;
};

export type RunRow = {
  id: string;
  flow: string;
  name: string;
  subject: string | null;
  state: RunState;
  reason: string;
  started_at: number;
  started_by: string;
};

export type FlowDocument = {
  id: string;
  /** YAML, as it was written. */
  source: string;
  version: number;
  enabled: boolean;
  problems: Problem[];
};

export const readFlows = () => call<Flows>('flows');
export const readFlow = (id: string) => call<FlowDocument>('flow', { id });
export const checkFlow = (document: unknown) => call<Problem[]>('check', { document });
export const saveFlow = (source: string, document: unknown) =>
  call<FlowDocument>('save_flow', { source, document });
export const enableFlow = (id: string, enabled: boolean) =>
  call<FlowRow>('enable_flow', { id, enabled });
