// The editor's desk: the bar above, the text, and what is wrong with it.

import { useMemo, useRef, useState } from 'react';

import { CallError } from '../api/call';
import { enableFlow, saveFlow, type FlowDocument } from '../api/settings';
import { useAction } from '../api/useAction';
import { Trouble } from '../parts/Trouble';
import { EditorBar } from './EditorBar';
import styles from './FlowEditor.module.css';
import { LeaveQuestion } from './LeaveQuestion';
import { ProblemList, type Located } from './ProblemList';
import { readSource } from './source';
import { useCheck } from './useCheck';
import { YamlEditor, type Editor } from './YamlEditor';

type Props = {
  start: string;
  saved: FlowDocument | null;
  onSaved: (id: string) => void;
  onLeave: () => void;
};

export function FlowDesk({ start, saved: stored, onSaved, onLeave }: Props) {
  const [text, setText] = useState(start);
  const [saved, setSaved] = useState(stored);
  const [leaving, setLeaving] = useState(false);
  const editor = useRef<Editor>(null);
  const source = useMemo(() => readSource(text), [text]);
  const check = useCheck(source.document);
  const name = source.document?.name;
  const dirty = text !== saved?.source;

  const found: Located[] = useMemo(() => {
    if (!source.document) {
      return source.problems.map((problem, i) => ({ ...problem, place: source.places[i]! }));
    }
    const problems = check.state === 'checked' ? check.problems : [];
    return problems.map((problem) => ({ ...problem, place: source.find(problem.at) }));
  }, [source, check]);

  const diagnostics = useMemo(
    () =>
      found.map(({ place, severity, message }) => ({
        from: place.from,
        to: place.to,
        severity,
        message,
      })),
    [found],
  );

  const save = useAction(async () => {
    const flow = await saveFlow(text, source.document);
    setSaved(flow);
    if (flow.id !== stored?.id) onSaved(flow.id);
  });
  const turn = useAction(async (on: boolean) => {
    if (!saved) return;
    const { enabled } = await enableFlow(saved.id, on);
    setSaved({ ...saved, enabled });
  });
  const error = save.error ?? turn.error ?? (check.state === 'failed' ? check.error : null);

  return (
    <main className={styles.page}>
      <EditorBar
        name={typeof name === 'string' ? name : (saved?.id ?? '')}
        saved={saved}
        dirty={dirty}
        canSave={dirty && source.document !== null && !save.busy}
        busy={save.busy}
        onBack={() => (dirty && saved ? setLeaving(true) : onLeave())}
        onSave={() => void save.run()}
        onTurn={(on) => void turn.run(on)}
      />
      {leaving ? <LeaveQuestion onLeave={onLeave} onStay={() => setLeaving(false)} /> : null}
      {error ? <Trouble error={withoutProblems(error)} /> : null}
      <div className={styles.desk}>
        <YamlEditor ref={editor} start={start} diagnostics={diagnostics} onEdit={setText} />
        <ProblemList
          problems={found}
          state={source.document ? check.state : 'checked'}
          onJump={(place) => editor.current?.jump(place)}
        />
      </div>
    </main>
  );
}

/** The list beside the text already shows them, with their places. */
const withoutProblems = ({ code, message, hint }: CallError): CallError =>
  new CallError({ code, message, hint });
