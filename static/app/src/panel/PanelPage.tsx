// The issue panel: what the agents did here, do now, and want to be allowed to do.

import { useState } from 'react';

import { isFinal } from '../words/labels';
import { useNow } from '../words/MomentsContext';
import { t } from '../words/words';
import { Trouble } from '../parts/Trouble';
import { firstRun } from './choose';
import { Loading } from '../parts/Loading';
import { StopNotice } from '../parts/StopSwitch';
import styles from './PanelPage.module.css';
import { Run } from './Run';
import { RunSwitcher } from './RunSwitcher';
import { usePanel } from './usePanel';

export default function PanelPage() {
  const data = usePanel();
  const { panel, receivedAt, error, reload } = data;
  const [chosen, setChosen] = useState<string | null>(null);
  const runs = panel?.runs ?? [];
  const now = useNow(
    panel?.now ?? 0,
    receivedAt,
    runs.some(({ state }) => !isFinal(state)),
  );
  const run = runs.find(({ id }) => id === chosen) ?? firstRun(runs);

  return (
    <main className={styles.panel}>
      {error ? <Trouble error={error} retry={reload} /> : null}
      {!panel && !error ? <Loading /> : null}
      {panel?.stopped ? <StopNotice stopped={panel.stopped} now={now} /> : null}
      {panel && !run ? <Empty /> : null}
      {runs.length > 1 && run ? (
        <RunSwitcher runs={runs} shown={run.id} now={now} onChoose={setChosen} />
      ) : null}
      {run ? <Run key={run.id} run={run} now={now} data={data} /> : null}
    </main>
  );
}

function Empty() {
  return (
    <section className={styles.empty}>
      <h2>{t('panel.empty_title')}</h2>
      <p>{t('panel.empty_about')}</p>
    </section>
  );
}
