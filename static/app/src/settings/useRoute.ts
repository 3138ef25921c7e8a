// Where on the page the reader is, kept in Jira's address bar where the host allows it.

import { view } from '@forge/bridge';
import { useCallback, useEffect, useRef, useState } from 'react';

import { readPath, writePath, type Route } from './route';

type History = Awaited<ReturnType<typeof view.createHistory>>;

export function useRoute(): [Route, (route: Route) => void] {
  const [route, setRoute] = useState<Route>({ page: 'flows' });
  const history = useRef<History | null>(null);

  useEffect(() => {
    let stop: unknown;
    let over = false;
    view.createHistory().then(
      (made) => {
        if (over) return;
        history.current = made;
        setRoute(readPath(made.location.pathname));
        stop = made.listen((location) => setRoute(readPath(location.pathname)));
      },
      // A host without history still has a page; only the address stays.
      () => undefined,
    );
    return () => {
      over = true;
      if (typeof stop === 'function') stop();
    };
  }, []);

  const go = useCallback((next: Route) => {
    if (history.current) history.current.push(writePath(next));
    else setRoute(next);
  }, []);
  return [route, go];
}
