// A system as two letters on a colour of its own; no third-party logos.

import PersonIcon from '@atlaskit/icon/core/person-avatar';
import SparkleIcon from '@atlaskit/icon/core/ai-sparkle';
import type { ReactNode } from 'react';

import { systemLabel } from '../words/labels';
import styles from './SystemTile.module.css';

const MONOGRAMS: Record<string, ReactNode> = {
  jira: 'Ji',
  confluence: 'Co',
  salesforce: 'SF',
  gitlab: 'GL',
  github: 'GH',
  slack: 'Sl',
  mcp: 'MC',
  tutti: 'Tu',
  model: <SparkleIcon label="" />,
  person: <PersonIcon label="" />,
};

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
