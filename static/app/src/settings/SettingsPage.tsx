// The project settings page: the project's flows and their runs.

import Button from '@atlaskit/button/new';

import { readFlows, type Flows } from '../api/settings';
import { useAnswer } from '../api/useAnswer';
import { Loading } from '../parts/Loading';
import { Tabs } from '../parts/Tabs';
import { Trouble } from '../parts/Trouble';
import { t } from '../words/words';
import { Counters } from './Counters';
import { FlowEditor } from './FlowEditor';
import { FlowsTable } from './FlowsTable';
import { RunsTable } from './RunsTable';
import styles from './SettingsPage.module.css';
import { BLANK, TEMPLATES } from './template';
import { Templates } from './Templates';
import { useRoute, type Route } from './useRoute';
import { freeId, withId } from './source';

export default function SettingsPage() {
  const flows = useAnswer(readFlows);
  const [route, go] = useRoute();
  const leave = () => {
    flows.reload();
    go({ page: 'flows' });
  };

  if (route.page === 'flow') {
    return <FlowEditor key={route.id} id={route.id} onSaved={() => undefined} onLeave={leave} />;
  }
  if (route.page === 'new' && flows.value) {
    return (
      <FlowEditor
        key={route.template}
        start={firstSource(route.template, flows.value)}
        onSaved={(id) => go({ page: 'flow', id })}
        onLeave={leave}
      />
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
        {flows.value && route.page === 'runs' ? <RunsTable runs={flows.value.runs} /> : null}
        {flows.value && route.page === 'flows' ? (
          <>
            <Counters flows={flows.value.flows} />
            <FlowsTable
              flows={flows.value.flows}
              onOpen={(id) => go({ page: 'flow', id })}
              onChanged={(row) =>
                flows.update((old) => ({
                  ...old,
                  flows: old.flows.map((flow) => (flow.id === row.id ? row : flow)),
                }))
              }
            />
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
  return found ? withId(found.source, freeId(found.id, taken)) : withId(BLANK, freeId('my-flow', taken));
}
