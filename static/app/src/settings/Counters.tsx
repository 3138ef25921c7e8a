// The project's flows in three numbers.

import type { FlowRow } from '../api/settings';
import { t } from '../words/words';
import styles from './Counters.module.css';

export function Counters({ flows }: { flows: FlowRow[] }) {
  const sum = (of: (flow: FlowRow) => number) => flows.reduce((total, flow) => total + of(flow), 0);
  const numbers = [
    [`${flows.filter(({ enabled }) => enabled).length} / ${flows.length}`, t('settings.flows_on')],
    [sum(({ runs }) => runs).toLocaleString('en-US'), t('settings.runs_so_far')],
    [String(sum(({ waiting }) => waiting)), t('settings.waiting_now')],
  ];
  if (flows.length === 0) return null;
  return (
    <dl className={styles.counters}>
      {numbers.map(([number, name]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{number}</dd>
        </div>
      ))}
    </dl>
  );
}
