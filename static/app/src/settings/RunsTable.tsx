// The project's runs, newest first.

import { router } from '@forge/bridge';
import Lozenge from '@atlaskit/lozenge';

import type { RunRow } from '../api/settings';
import table from '../parts/Table.module.css';
import { runTone } from '../words/labels';
import { useMoments } from '../words/MomentsContext';
import { t } from '../words/words';

export function RunsTable({ runs, now }: { runs: RunRow[]; now: number }) {
  if (runs.length === 0) return <p className={table.quiet}>{t('settings.runs_empty')}</p>;
  return (
    <div className={table.frame}>
      <table className={table.table} aria-label={t('settings.runs_table')}>
        <thead>
          <tr>
            <th scope="col">{t('settings.run')}</th>
            <th scope="col">{t('settings.subject')}</th>
            <th scope="col">{t('settings.state')}</th>
            <th scope="col">{t('settings.started')}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Row key={run.id} run={run} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ run, now }: { run: RunRow; now: number }) {
  const moments = useMoments();
  const { subject } = run;
  return (
    <tr>
      <th scope="row">
        {run.name}
        <p className={table.quiet}>{run.id}</p>
      </th>
      <td>
        {subject ? (
          <button
            type="button"
            className={table.link}
            onClick={() => void router.open(`/browse/${subject}`)}
          >
            {subject}
          </button>
        ) : null}
      </td>
      <td>
        <Lozenge appearance={runTone(run.state)}>{t(`run.${run.state}`)}</Lozenge>
        {run.reason ? <p className={table.quiet}>{run.reason}</p> : null}
      </td>
      <td className={table.quiet} title={moments.full(run.started_at)}>
        {moments.distance(run.started_at, now)}
        <p>{run.started_by}</p>
      </td>
    </tr>
  );
}
