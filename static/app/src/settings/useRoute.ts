// Where on the page the reader is, kept in Jira's address bar where the host allows it.

import { view } from '@forge/bridge';
import { useCallback, useEffect, useRef, useState } from 'react';

export type Route =
  | { page: 'flows' }
  | { page: 'runs' }
  | { page: 'new'; template: string | null }
  | { page: 'flow'; id: string };

export function readPath(path: string): Route {
  const [, page, id, template] = path.split('/').map(decodeURIComponent);
  if (page === 'runs') return { page: 'runs' };
  if (page === 'new') return { page: 'new', template: id === 'from' ? (template ?? null) : null };
  if (page === 'flows' && id) return { page: 'flow', id };
  return { page: 'flows' };
}

export function writePath(route: Route): string {
  switch (route.page) {
    case 'flow':
      return `/flows/${encodeURIComponent(route.id)}`;
    case 'new':
      return route.template ? `/new/from/${encodeURIComponent(route.template)}` : '/new';
    default:
      return `/${route.page}`;
  }
}

type History = Awaited<ReturnType<typeof view.createHistory>>;

export function useRoute(): [Route, (route: Route) => void] {
  const [route, setRoute] = useState<Route>({ page: 'flows' });
  const history = useRef<History | null>(null);

  useEffect(() => {
    let stop: (() => void) | undefined;
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
      stop?.();
    };
  }, []);

  const go = useCallback((next: Route) => {
    if (history.current) history.current.push(writePath(next));
    else setRoute(next);
  }, []);
  return [route, go];
}
