// One question to the backend when a screen opens, its answer, and a way to ask again.

import { useCallback, useEffect, useState } from 'react';

import { asCallError, type CallError } from './call';

export type Asked<T> = {
  value: T | null;
  error: CallError | null;
  reload: () => void;
  /** Changes what is shown after a write answered with the new state of its part. */
  update: (change: (value: T) => T) => void;
};

/** `ask` must keep its identity, or it is asked again. */
export function useAnswer<T>(ask: () => Promise<T>): Asked<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [round, setRound] = useState(0);

  useEffect(() => {
    let over = false;
    ask().then(
      (answered) => {
        if (over) return;
        setValue(answered);
        setError(null);
      },
      (thrown) => {
        if (!over) setError(asCallError(thrown));
      },
    );
    return () => {
      over = true;
    };
  }, [ask, round]);

  const reload = useCallback(() => setRound((n) => n + 1), []);
  const update = useCallback(
    (change: (value: T) => T) => setValue((old) => (old === null ? old : change(old))),
    [],
  );
  return { value, error, reload, update };
}
