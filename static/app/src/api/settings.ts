// What the project settings page asks the backend.

import { call } from './call';
import type { FlowDocument, FlowRow, Flows, Problem, Stopped } from './generated';

export type { FlowDocument, FlowRow, Flows, RunRow } from './generated';

export const readFlows = () => call<Flows>('flows');
export const readFlow = (id: string) => call<FlowDocument>('flow', { id });
export const checkFlow = (document: unknown) => call<Problem[]>('check', { document });
export const saveFlow = (source: string, document: unknown) =>
  call<FlowDocument>('save_flow', { source, document });
export const enableFlow = (id: string, enabled: boolean) =>
  call<FlowRow>('enable_flow', { id, enabled });
export const stopFlow = (id: string, stopped: boolean) =>
  call<FlowRow>('stop_flow', { id, stopped });
export const reopenFlow = (id: string) => call<FlowRow>('reopen_flow', { id });
export const stopProject = (stopped: boolean) => call<Stopped | null>('stop_project', { stopped });
