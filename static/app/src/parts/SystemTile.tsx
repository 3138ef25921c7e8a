// A system as two letters on a colour of its own; no third-party logos.

import type { ReactNode } from 'react';

import { systemLabel } from '../words/labels';
import styles from './SystemTile.module.css';

const SPARKLE =
  'M7 1.5 8.6 6.4 13.5 8 8.6 9.6 7 14.5 5.4 9.6.5 8 5.4 6.4z' +
  'M13 10.5l.6 1.9 1.9.6-1.9.6-.6 1.9-.6-1.9-1.9-.6 1.9-.6z';
const PERSON =
  'M8 7.4a2.9 2.9 0 1 0 0-5.8 2.9 2.9 0 0 0 0 5.8z' +
  'M2.6 14.2c0-3.1 2.4-5.3 5.4-5.3s5.4 2.2 5.4 5.3z';

const MONOGRAMS: Record<string, ReactNode> = {
  jira: 'Ji',
  confluence: 'Co',
  salesforce: 'SF',
  gitlab: 'GL',
  github: 'GH',
  slack: 'Sl',
  mcp: 'MC',
  tutti: 'Tu',
  model: <Glyph d={SPARKLE} />,
  person: <Glyph d={PERSON} />,
};

function Glyph({ d }: { d: string }) {
  return (
    <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">
      <path d={d} fill="currentcolor" />
    </svg>
  );
}

type Props = { system: string; size?: 'small' | 'medium' | 'large'; faded?: boolean };

export function SystemTile({ system, size = 'medium', faded = false }: Props) {
  return (
    <span
      className={`${styles.tile} ${styles[size]} ${styles[system] ?? ''}`}
      data-faded={faded || undefined}
      role="img"
      aria-label={systemLabel(system)}
    >
      {MONOGRAMS[system] ?? systemLabel(system).slice(0, 2)}
    </span>
  );
}
