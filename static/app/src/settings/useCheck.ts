// Has the backend check the document a moment after the last keystroke.

import { useEffect, useState } from 'react';

import { asCallError, type CallError } from '../api/call';
import type { Problem } from '../api/generated';
import { checkFlow } from '../api/settings';

const PAUSE_MS = 300;

export type Check =
  | { state: 'checking' }
  | { state: 'checked'; problems: Problem[] }
  | { state: 'failed'; error: CallError };

/** Only the answer about the newest text counts. `document` must keep its identity. */
export function useCheck(document: Record<string, unknown> | null): Check {
  const [check, setCheck] = useState<Check>({ state: 'checking' });
  useEffect(() => {
    setCheck({ state: 'checking' });
    if (!document) return undefined;
    let over = false;
    const show = (result: Check) => {
      if (!over) setCheck(result);
    };
    const timer = setTimeout(() => {
      checkFlow(document).then(
        (problems) => show({ state: 'checked', problems }),
        (thrown) => show({ state: 'failed', error: asCallError(thrown) }),
      );
    }, PAUSE_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [document]);
  return check;
}
