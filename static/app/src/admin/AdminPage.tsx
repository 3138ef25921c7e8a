// The admin page: what Tutti may speak to, and what may wake it.

import {
  readConnections,
  stopSite,
  type ConnectionRow,
  type Connections,
  type HookRow,
} from '../api/admin';
import { useAnswer } from '../api/useAnswer';
import { Loading } from '../parts/Loading';
import { StopSwitch } from '../parts/StopSwitch';
import { Trouble } from '../parts/Trouble';
import { t } from '../words/words';
import styles from './AdminPage.module.css';
import { ConnectionCard } from './ConnectionCard';
import { HookCard } from './HookCard';

export default function AdminPage() {
  const { value, error, reload, update } = useAnswer(readConnections);
  const now = value?.now ?? Date.now();
  return (
    <main className={styles.page}>
      <header>
        <h1>{t('admin.title')}</h1>
        <p>{t('admin.about')}</p>
      </header>
      {error ? <Trouble error={error} retry={reload} /> : null}
      {!value && !error ? <Loading /> : null}
      {value ? (
        <>
          <StopSwitch
            what={t('stop.everything')}
            stopped={value.stopped}
            now={now}
            onTurn={async (stop) => {
              const stopped = await stopSite(stop);
              update((old) => ({ ...old, stopped }));
            }}
          />
          <section className={styles.group} aria-labelledby="connections-title">
            <h2 id="connections-title">{t('admin.connections')}</h2>
            {value.connections.map((row) => (
              <ConnectionCard
                key={row.tool}
                row={row}
                now={now}
                onChanged={(fresh) => update(withConnection(fresh))}
              />
            ))}
          </section>
          {value.hooks.length > 0 ? (
            <section className={styles.group} aria-labelledby="hooks-title">
              <h2 id="hooks-title">{t('admin.hooks')}</h2>
              <p className={styles.about}>{t('admin.hooks_about')}</p>
              {value.hooks.map((row) => (
                <HookCard key={row.tool} row={row} onChanged={(fresh) => update(withHook(fresh))} />
              ))}
            </section>
          ) : null}
        </>
      ) : null}
    </main>
  );
}

const inPlace = <T extends { tool: string }>(rows: T[], fresh: T): T[] =>
  rows.map((row) => (row.tool === fresh.tool ? fresh : row));

const withConnection =
  (fresh: ConnectionRow) =>
  (old: Connections): Connections => ({
    ...old,
    connections: inPlace(old.connections, fresh),
  });

const withHook =
  (fresh: HookRow) =>
  (old: Connections): Connections => ({
    ...old,
    hooks: inPlace(old.hooks, fresh),
  });
