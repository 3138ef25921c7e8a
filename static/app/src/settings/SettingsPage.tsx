// The project settings page: the project's flows and their runs.

import Button from '@atlaskit/button/new';
import { lazy, Suspense } from 'react';

import { readFlows, stopProject, type Flows } from '../api/settings';
import { useAnswer } from '../api/useAnswer';
import { Loading } from '../parts/Loading';
import { StopSwitch } from '../parts/StopSwitch';
import { Tabs } from '../parts/Tabs';
import { Trouble } from '../parts/Trouble';
import { t } from '../words/words';
import { Counters } from './Counters';
import { FlowsTable } from './FlowsTable';
import { RunsTable } from './RunsTable';
import type { Route } from './route';
import styles from './SettingsPage.module.css';
import { BLANK, TEMPLATES } from './template';
import { Templates } from './Templates';
import { freeId, withId } from './source';
import { useRoute } from './useRoute';

// The editor is as large as the rest of the page; it loads when a flow is opened.
const FlowEditor = lazy(() => import('./FlowEditor'));

export default function SettingsPage() {
  const flows = useAnswer(readFlows);
  const [route, go] = useRoute();
  const now = flows.value?.now ?? Date.now();
  const leave = () => {
    flows.reload();
    go({ page: 'flows' });
  };

  if (route.page === 'flow') {
    return (
      <Suspense fallback={<Loading />}>
        <FlowEditor key={route.id} id={route.id} onSaved={() => undefined} onLeave={leave} />
      </Suspense>
    );
  }
  if (route.page === 'new' && flows.value) {
    return (
      <Suspense fallback={<Loading />}>
        <FlowEditor
          key={route.template}
          start={firstSource(route.template, flows.value)}
          onSaved={(id) => go({ page: 'flow', id })}
          onLeave={leave}
        />
      </Suspense>
    );
  }
  return (
    <main className={styles.page}>
      <header className={styles.head}>
        <h1>{t('settings.title')}</h1>
        <Button appearance="primary" onClick={() => go({ page: 'new', template: null })}>
          {t('settings.create')}
        </Button>
      </header>
      <Tabs
        label={t('settings.tabs')}
        shown={route.page}
        onChoose={(page) => go({ page } as Route)}
        tabs={[
          { id: 'flows', title: t('settings.flows') },
          { id: 'runs', title: t('settings.runs') },
        ]}
      >
        {flows.error ? <Trouble error={flows.error} retry={flows.reload} /> : null}
        {!flows.value && !flows.error ? <Loading /> : null}
        {flows.value && route.page === 'runs' ? (
          <RunsTable runs={flows.value.runs} now={now} />
        ) : null}
        {flows.value && route.page === 'flows' ? (
          <>
            <Counters flows={flows.value.flows} />
            <FlowsTable
              flows={flows.value.flows}
              now={now}
              onOpen={(id) => go({ page: 'flow', id })}
              onChanged={(row) =>
                flows.update((old) => ({
                  ...old,
                  flows: old.flows.map((flow) => (flow.id === row.id ? row : flow)),
                }))
              }
            />
            {flows.value.flows.length > 0 ? (
              <StopSwitch
                what={t('stop.all_flows')}
                stopped={flows.value.stopped}
                now={now}
                onTurn={async (stop) => {
                  await stopProject(stop);
                  flows.reload();
                }}
              />
            ) : null}
            <Templates onUse={(id) => go({ page: 'new', template: id })} />
          </>
        ) : null}
      </Tabs>
    </main>
  );
}

/** A template under an id this project has not used yet. */
function firstSource(template: string | null, { flows }: Flows): string {
  const found = TEMPLATES.find(({ id }) => id === template);
  const taken = flows.map(({ id }) => id);
  return found
    ? withId(found.source, freeId(found.id, taken))
    : withId(BLANK, freeId('my-flow', taken));
}
