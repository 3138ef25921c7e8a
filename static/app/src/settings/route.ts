// The places of the settings page and their paths.

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
