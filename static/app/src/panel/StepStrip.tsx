// The flow's steps as tiles on a line, each with how far it is.

import type { CSSProperties } from 'react';

import type { StepState, Tile } from '../api/generated';
import { StatusIcon } from '../parts/StatusIcon';
import { SystemTile } from '../parts/SystemTile';
import { stepLabel } from '../words/labels';
import { t } from '../words/words';
import { columns } from './columns';
import styles from './StepStrip.module.css';

type Reach = 'past' | 'here' | 'ahead';

const REACH: Record<StepState, Reach> = {
  done: 'past',
  adapted: 'past',
  skipped: 'past',
  running: 'here',
  waiting: 'here',
  failed: 'here',
  planned: 'ahead',
};

export function StepStrip({ tiles }: { tiles: Tile[] }) {
  if (tiles.length === 0) return null;
  const across = {
    '--narrow': columns(tiles.length, 5),
    '--middle': columns(tiles.length, 9),
    '--wide': columns(tiles.length, 13),
  } as CSSProperties;
  return (
    <ol className={styles.strip} style={across} aria-label={t('run.steps')}>
      {tiles.map((tile, i) => {
        const before = tiles[i - 1];
        const after = tiles[i + 1];
        return (
          <li
            key={tile.step}
            className={styles.step}
            data-before={before ? joint(before.state, tile.state) : undefined}
            data-after={after ? joint(tile.state, after.state) : undefined}
            data-state={tile.state}
            aria-current={REACH[tile.state] === 'here' ? 'step' : undefined}
          >
            <span className={styles.tile}>
              <SystemTile system={tile.system} faded={['planned', 'skipped'].includes(tile.state)} />
              <span className={styles.badge}>
                <StatusIcon state={tile.state} size={14} label="" />
              </span>
            </span>
            <span className={styles.title}>{tile.title}</span>
            <span className={styles.spoken}>{stepLabel(tile.state)}</span>
          </li>
        );
      })}
    </ol>
  );
}

/** The colour of the line between two steps: as far as the nearer one has come. */
function joint(from: StepState, to: StepState): Reach {
  if (REACH[from] !== 'past') return 'ahead';
  return REACH[to];
}
