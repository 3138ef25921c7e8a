// What the admin page asks the backend. Secrets go in; only whether one is set comes out.

import { call } from './call';
import type { ConnectionRow, Connections, HookRow, Stopped } from './generated';

export type {
  ConnectionField,
  ConnectionRow,
  Connections,
  ConnectionStatus,
  HookRow,
} from './generated';

export const readConnections = () => call<Connections>('connections');
/** An empty secret keeps the one that is stored. */
export const saveConnection = (tool: string, values: Record<string, string>) =>
  call<ConnectionRow>('save_connection', { tool, values });
export const checkConnection = (tool: string) => call<ConnectionRow>('check_connection', { tool });
export const removeConnection = (tool: string) =>
  call<ConnectionRow>('remove_connection', { tool });
export const saveHook = (tool: string, secret: string) =>
  call<HookRow>('save_hook', { tool, secret });
export const stopSite = (stopped: boolean) => call<Stopped | null>('stop_site', { stopped });
