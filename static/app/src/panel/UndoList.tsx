// What undoing a run would take back, and what not and why, before anything is done.

import type { RunView } from '../api/generated';
import { Said } from '../parts/Said';
import { SystemTile } from '../parts/SystemTile';
import { asSentence } from '../words/labels';
import { t } from '../words/words';
import styles from './UndoList.module.css';
import { writesOf, type Write } from './writes';

export function UndoList({ run }: { run: RunView }) {
  const { open, shut, undone } = writesOf(run.timeline);
  return (
    <>
      <Group title={t('undo.open')} of={open} />
      <Group title={t('undo.shut')} of={shut} />
      <Group title={t('undo.undone')} of={undone} />
    </>
  );
}

function Group({ title, of }: { title: string; of: Write[] }) {
  if (of.length === 0) return null;
  return (
    <section className={styles.group}>
      <h4>{title}</h4>
      <ul>
        {of.map(({ key, system, text, did }) => (
          <li key={key}>
            <SystemTile system={system} />
            <div>
              <p>{text}</p>
              {did.undo?.state === 'impossible' ? (
                <p className={styles.why}>
                  <Said text={asSentence(did.undo.why)} />
                </p>
              ) : null}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
