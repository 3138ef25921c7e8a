// The project's flows: what starts them, what they touch, how they do, and whether they are on.

import Lozenge from '@atlaskit/lozenge';
import Toggle from '@atlaskit/toggle';

import type { Problem } from '../api/generated';
import { enableFlow, reopenFlow, stopFlow, type FlowRow } from '../api/settings';
import { useAction } from '../api/useAction';
import { SystemTile } from '../parts/SystemTile';
import table from '../parts/Table.module.css';
import { Trouble } from '../parts/Trouble';
import { useMoments } from '../words/MomentsContext';
import { count, t } from '../words/words';
import { FlowBrakes } from './FlowBrakes';
import styles from './FlowsTable.module.css';

type Props = {
  flows: FlowRow[];
  now: number;
  onOpen: (id: string) => void;
  onChanged: (row: FlowRow) => void;
};

export function FlowsTable({ flows, now, onOpen, onChanged }: Props) {
  const turn = useAction(async (flow: FlowRow, on: boolean) => {
    // Shown at once, and taken back if the backend says no.
    onChanged({ ...flow, enabled: on });
    try {
      onChanged(await enableFlow(flow.id, on));
    } catch (thrown) {
      onChanged(flow);
      throw thrown;
    }
  });
  const brake = useAction(async (change: () => Promise<FlowRow>) => onChanged(await change()));
  if (flows.length === 0) return <NoFlows />;
  const error = turn.error ?? brake.error;
  return (
    <>
      {error ? <Trouble error={error} /> : null}
      <div className={table.frame}>
        <table className={table.table} aria-label={t('settings.flows_table')}>
          <thead>
            <tr>
              <th scope="col">{t('settings.flow')}</th>
              <th scope="col">{t('settings.steps')}</th>
              <th scope="col">{t('settings.last_run')}</th>
              <th scope="col">{t('settings.runs')}</th>
              <th scope="col">{t('settings.on')}</th>
            </tr>
          </thead>
          <tbody>
            {flows.map((flow) => (
              <Row
                key={flow.id}
                flow={flow}
                now={now}
                onOpen={() => onOpen(flow.id)}
                onTurn={(on) => void turn.run(flow, on)}
                onStop={(stop) => void brake.run(() => stopFlow(flow.id, stop))}
                onReopen={() => void brake.run(() => reopenFlow(flow.id))}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

type RowProps = {
  flow: FlowRow;
  now: number;
  onOpen: () => void;
  onTurn: (on: boolean) => void;
  onStop: (stop: boolean) => void;
  onReopen: () => void;
};

function Row({ flow, now, onOpen, onTurn, onStop, onReopen }: RowProps) {
  const moments = useMoments();
  return (
    <tr>
      <th scope="row">
        <button type="button" className={table.link} onClick={onOpen}>
          {flow.name}
        </button>
        <ProblemMark problems={flow.problems} />
        <p className={table.quiet}>{flow.trigger}</p>
      </th>
      <td>
        <span className={styles.tiles}>
          {flow.tiles.map(({ step, system }) => (
            <SystemTile key={step} system={system} size="small" />
          ))}
        </span>
      </td>
      <td
        className={table.quiet}
        title={flow.last_run_at ? moments.full(flow.last_run_at) : undefined}
      >
        {flow.last_run_at ? moments.distance(flow.last_run_at, now) : t('settings.never')}
      </td>
      <td>
        {count('settings.run_count', flow.runs)}
        {flow.waiting > 0 ? (
          <p className={table.quiet}>{count('settings.waiting_count', flow.waiting)}</p>
        ) : null}
      </td>
      <td>
        <Toggle
          label={t('settings.turn_on', { name: flow.name })}
          isChecked={flow.enabled}
          onChange={(event) => onTurn(event.currentTarget.checked)}
        />
        <FlowBrakes flow={flow} now={now} onStop={onStop} onReopen={onReopen} />
      </td>
    </tr>
  );
}

function ProblemMark({ problems }: { problems: Problem[] }) {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  if (errors > 0)
    return <Lozenge appearance="danger">{count('settings.problems', errors)}</Lozenge>;
  if (warnings > 0)
    return <Lozenge appearance="warning">{count('settings.warnings', warnings)}</Lozenge>;
  return null;
}

function NoFlows() {
  return (
    <section className={styles.empty}>
      <h2>{t('settings.empty_title')}</h2>
      <p>{t('settings.empty_about')}</p>
    </section>
  );
}
