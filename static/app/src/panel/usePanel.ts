// Keeps the panel's data fresh: reads it, listens for hints, asks now and then, merges answers.

import { realtime } from '@forge/bridge';
import { useCallback, useEffect, useRef, useState } from 'react';

import { asCallError, type CallError } from '../api/call';
import type { RunView } from '../api/generated';
import { readPanel, type Panel } from '../api/panel';
import { pollEvery } from './pollEvery';
import { createReader, type Reader } from './reader';

/** Covers the gap between the first read and the subscription. */
const REPLAY_SECONDS = 60;
/** The most runs heard of that are named when reading; older ones are found by then. */
const HEARD_MAX = 5;

export type PanelData = {
  panel: Panel | null;
  /** When `panel.now` was true, by this page's clock. */
  receivedAt: number;
  error: CallError | null;
  live: boolean;
  reload: () => void;
  /** Puts a run in place of its older self, as answered by the backend or as hoped for. */
  replace: (run: RunView) => void;
  send: Reader['send'];
};

export function usePanel(): PanelData {
  const [panel, setPanel] = useState<Panel | null>(null);
  const [receivedAt, setReceivedAt] = useState(0);
  const [error, setError] = useState<CallError | null>(null);

  const heard = useRef<string[]>([]);
  const [{ reload, send }] = useState(() =>
    createReader({
      read: () => readPanel(heard.current),
      show: (fresh) => {
        setPanel(fresh);
        setReceivedAt(Date.now());
        setError(null);
      },
      fail: (thrown) => setError(asCallError(thrown)),
    }),
  );

  const replace = useCallback((run: RunView) => {
    setPanel((old) => old && { ...old, runs: old.runs.map((r) => (r.id === run.id ? run : r)) });
  }, []);

  useEffect(reload, [reload]);
  const onHint = useCallback(
    (run: string | null) => {
      const others = heard.current.filter((known) => known !== run);
      heard.current = run ? [run, ...others].slice(0, HEARD_MAX) : others;
      reload();
    },
    [reload],
  );
  const live = useHints(panel?.channel ?? null, onHint);
  usePoll(panel ? pollEvery(panel.runs, live) : null, reload);
  return { panel, receivedAt, error, live, reload, replace, send };
}

/** Passes on of which run something is announced; answers whether hints can be expected at all. */
function useHints(channel: Panel['channel'], onHint: (run: string | null) => void): boolean {
  const [live, setLive] = useState(false);
  const token = useRef('');
  token.current = channel?.token ?? '';
  const name = channel?.name;

  useEffect(() => {
    if (!name) return undefined;
    let over = false;
    const onEvent = (hint: string | Record<string, unknown>, failure?: Error) => {
      if (over) return;
      setLive(!failure);
      const run = typeof hint === 'object' ? hint?.run : null;
      if (!failure) onHint(typeof run === 'string' ? run : null);
    };
    const subscription = realtime
      .subscribeGlobal(name, onEvent, { token: token.current, replaySeconds: REPLAY_SECONDS })
      .then((subscribed) => {
        if (!over) setLive(true);
        return subscribed;
      })
      .catch(() => null);
    return () => {
      over = true;
      setLive(false);
      void subscription.then((subscribed) => subscribed?.unsubscribe());
    };
  }, [name, onHint]);
  return live;
}

function usePoll(every: number | null, reload: () => void): void {
  useEffect(() => {
    if (every === null) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, every);
    const onShow = () => {
      if (!document.hidden) reload();
    };
    document.addEventListener('visibilitychange', onShow);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onShow);
    };
  }, [every, reload]);
}
