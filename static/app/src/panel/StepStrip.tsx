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

const MOST_TITLED = 14;

export function StepStrip({ tiles }: { tiles: Tile[] }) {
  if (tiles.length === 0) return null;
  // Long flows show tiles only; the step they are at is named below.
  const compact = tiles.length > MOST_TITLED;
  const most = compact ? { narrow: 10, middle: 18, wide: 24 } : { narrow: 5, middle: 9, wide: 13 };
  const across = {
    '--narrow': columns(tiles.length, most.narrow),
    '--middle': columns(tiles.length, most.middle),
    '--wide': columns(tiles.length, most.wide),
  } as CSSProperties;
  const here = tiles.findLastIndex(({ state }) => REACH[state] === 'here');
  return (
    <div className={styles.box} data-compact={compact || undefined}>
      <ol className={styles.strip} style={across} aria-label={t('run.steps')}>
        {tiles.map((tile, i) => (
          <Step key={tile.step} tile={tile} before={tiles[i - 1]} after={tiles[i + 1]} />
        ))}
      </ol>
      {compact && here >= 0 ? (
        <p className={styles.here} aria-hidden="true">
          {t('run.step_of', { n: here + 1, all: tiles.length, title: tiles[here]?.title ?? '' })}
        </p>
      ) : null}
    </div>
  );
}

type StepProps = { tile: Tile; before: Tile | undefined; after: Tile | undefined };

function Step({ tile, before, after }: StepProps) {
  return (
    <li
      className={styles.step}
      data-before={before ? joint(before.state, tile.state) : undefined}
      data-after={after ? joint(tile.state, after.state) : undefined}
      data-state={tile.state}
      title={tile.title}
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
}

/** The colour of the line between two steps: as far as the nearer one has come. */
function joint(from: StepState, to: StepState): Reach {
  if (REACH[from] !== 'past') return 'ahead';
  return REACH[to];
}
