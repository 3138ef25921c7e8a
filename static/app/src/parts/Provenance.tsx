// Says how a value came to be known, wherever the value is.

import type { Provenance } from '../api/generated';
import { t } from '../words/words';
import styles from './Provenance.module.css';

/** The badges of a value; what was plainly read from a system needs none when `quiet`. */
export function ProvenanceBadges({ of, quiet = false }: { of: Provenance[]; quiet?: boolean }) {
  return of
    .filter((provenance) => !quiet || provenance !== 'observed')
    .map((provenance) => (
      <span
        key={provenance}
        className={`${styles.badge} ${styles[provenance]}`}
        title={t(`provenance.${provenance}_about`)}
      >
        {t(`provenance.${provenance}`)}
      </span>
    ));
}
