// What keeps a flow from running: its stop switch, and its breaker if that is open.

import Button from '@atlaskit/button/new';
import Lozenge from '@atlaskit/lozenge';

import type { FlowRow } from '../api/settings';
import table from '../parts/Table.module.css';
import { useMoments } from '../words/MomentsContext';
import { t } from '../words/words';

type Props = {
  flow: FlowRow;
  now: number;
  onStop: (stop: boolean) => void;
  onReopen: () => void;
};

export function FlowBrakes({ flow, now, onStop, onReopen }: Props) {
  const moments = useMoments();
  const { stopped, tripped } = flow;
  const ago = (at: number) => moments.distance(at, Math.max(now, at));
  return (
    <>
      {tripped ? (
        <div>
          <Lozenge appearance="danger">{t('stop.tripped')}</Lozenge>
          <p className={table.quiet} title={moments.full(tripped.at)}>
            {t('stop.tripped_about', { why: tripped.why, time: ago(tripped.at) })}
          </p>
          <Button spacing="compact" onClick={onReopen}>
            {t('stop.reopen')}
          </Button>
        </div>
      ) : null}
      {stopped ? (
        <p className={table.quiet} title={moments.full(stopped.at)}>
          <Lozenge appearance="warning">{t('stop.stopped')}</Lozenge>{' '}
          {t('stop.about', { by: stopped.by, time: ago(stopped.at) })}
        </p>
      ) : null}
      {flow.enabled || stopped ? (
        <Button
          spacing="compact"
          appearance="subtle"
          aria-label={t(stopped ? 'stop.resume' : 'stop.stop', { what: flow.name })}
          onClick={() => onStop(!stopped)}
        >
          {t(stopped ? 'stop.resume_short' : 'stop.stop_short')}
        </Button>
      ) : null}
    </>
  );
}
