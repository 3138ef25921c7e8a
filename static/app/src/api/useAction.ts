// A write to the backend behind a button: whether it is under way, and why it failed.

import { useState } from 'react';

import { asCallError, type CallError } from './call';

export type Action<Arguments extends unknown[]> = {
  run: (...given: Arguments) => Promise<void>;
  busy: boolean;
  error: CallError | null;
};

export function useAction<Arguments extends unknown[]>(
  perform: (...given: Arguments) => Promise<void>,
): Action<Arguments> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CallError | null>(null);
  const run = async (...given: Arguments) => {
    setBusy(true);
    setError(null);
    try {
      await perform(...given);
    } catch (thrown) {
      setError(asCallError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return { run, busy, error };
}
