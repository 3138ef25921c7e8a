// Hands the reader's language and time zone to every component.

import { createContext, useContext, useEffect, useState } from 'react';

import { createMoments, type Moments } from './moments';

const Context = createContext<Moments>(createMoments('en-US', 'UTC'));

export const MomentsProvider = Context.Provider;
export const useMoments = (): Moments => useContext(Context);

/**
 * The time by the server's clock, ticking once a second while `ticking`.
 *
 * `serverNow` is what the server said at `receivedAt` of this page's clock: computers disagree.
 */
export function useNow(serverNow: number, receivedAt: number, ticking: boolean): number {
  const [here, setHere] = useState(() => Date.now());
  useEffect(() => {
    setHere(Date.now());
    if (!ticking) return undefined;
    const timer = setInterval(() => setHere(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [ticking, serverNow]);
  return serverNow + Math.max(0, here - receivedAt);
}
