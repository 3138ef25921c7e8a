// What the admin page asks the backend. Secrets go in; only whether one is set comes out.

import { call } from './call';

export type Connections = {
  connections: ConnectionRow[];
  hooks: HookRow[];
  /** The server's clock, if it says; this page's otherwise. */
  now?: number;
};
export type ConnectionStatus = 'not_connected' | 'not_checked' | 'connected' | 'unhealthy';

export type ConnectionRow = {
  tool: string;
  name: string;
  about: string;
  fields: ConnectionField[];
  status: ConnectionStatus;
  detail: string;
  checked_at: number | null;
};

export type ConnectionField = {
  key: string;
  label: string;
  secret: boolean;
  required: boolean;
  example: string;
  /** Never for secrets. */
  value: string | null;
  set: boolean;
};

export type HookRow = { tool: string; name: string; about: string; url: string; set: boolean };

export const readConnections = () => call<Connections>('connections');
/** An empty secret keeps the one that is stored. */
export const saveConnection = (tool: string, values: Record<string, string>) =>
  call<ConnectionRow>('save_connection', { tool, values });
export const checkConnection = (tool: string) => call<ConnectionRow>('check_connection', { tool });
export const removeConnection = (tool: string) =>
  call<ConnectionRow>('remove_connection', { tool });
export const saveHook = (tool: string, secret: string) =>
  call<HookRow>('save_hook', { tool, secret });
