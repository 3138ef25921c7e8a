// Which required values are still missing.

import type { ConnectionField } from '../api/admin';

/** A secret that is stored counts as answered: empty keeps it. */
export function unanswered(fields: ConnectionField[], values: Record<string, string>): string[] {
  return fields
    .filter(
      ({ key, required, secret, set }) => required && !(secret && set) && !values[key]?.trim(),
    )
    .map(({ key }) => key);
}
