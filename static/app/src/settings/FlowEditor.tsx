// One flow as text: written, checked while it is written, saved as a version, turned on.

import { useCallback, useState } from 'react';

import { readFlow, type FlowDocument } from '../api/settings';
import { useAnswer } from '../api/useAnswer';
import { Loading } from '../parts/Loading';
import { Trouble } from '../parts/Trouble';
import { FlowDesk } from './FlowDesk';
import styles from './FlowEditor.module.css';

type Props = { onSaved: (id: string) => void; onLeave: () => void } & (
  { id: string; start?: undefined } | { start: string; id?: undefined }
);

export default function FlowEditor({ id, start, onSaved, onLeave }: Props) {
  return id === undefined ? (
    <FlowDesk start={start} saved={null} onSaved={onSaved} onLeave={onLeave} />
  ) : (
    <StoredFlow id={id} onSaved={onSaved} onLeave={onLeave} />
  );
}

function StoredFlow({ id, onSaved, onLeave }: { id: string } & Pick<Props, 'onSaved' | 'onLeave'>) {
  const [first] = useState(id);
  const flow = useAnswer<FlowDocument>(useCallback(() => readFlow(first), [first]));
  if (flow.error) {
    return (
      <main className={styles.page}>
        <Trouble error={flow.error} retry={flow.reload} />
      </main>
    );
  }
  if (!flow.value) {
    return (
      <main className={styles.page}>
        <Loading />
      </main>
    );
  }
  return (
    <FlowDesk start={flow.value.source} saved={flow.value} onSaved={onSaved} onLeave={onLeave} />
  );
}
