// One run on the panel, top to bottom.

import { useState } from 'react';

import { asCallError, type CallError } from '../api/call';
import type { ApprovalView, RunView } from '../api/generated';
import * as api from '../api/panel';
import { useAction } from '../api/useAction';
import { Trouble } from '../parts/Trouble';
import { isFinal } from '../words/labels';
import { ApprovalCard } from './ApprovalCard';
import { BeginningList } from './BeginningList';
import { beginningOf } from './beginnings';
import { expectAnswer } from './expect';
import { HandOff } from './HandOff';
import { QuestionCard } from './QuestionCard';
import { RunControls } from './RunControls';
import { RunFooter } from './RunFooter';
import { RunHeader } from './RunHeader';
import { RunNotice } from './RunNotice';
import { RunOrder, type Order } from './RunOrder';
import { StepStrip } from './StepStrip';
import { Timeline } from './Timeline';
import { UndoList } from './UndoList';
import type { PanelData } from './usePanel';
import { UndoContext } from './writes';

type Props = { run: RunView; now: number; data: PanelData };
type Refused = { effect: string; error: CallError };

/** What is said to runs that are over. */
const FOR_ENDED: Order[] = ['undo', 'rerun'];

export function Run({ run, now, data }: Props) {
  const [refused, setRefused] = useState<Refused | null>(null);
  const [order, setOrder] = useState<Order | null>(null);
  const [chosen, setChosen] = useState('');
  const [stopAsked, setStopAsked] = useState(false);
  const open = !isFinal(run.state);
  const stopping = stopAsked && open;
  const from = beginningOf(run.beginnings, chosen);
  const resume = useAction(() => send(() => api.resumeRun(run.id)));

  /** Says something to the run, and shows what will come of it; what is refused may be old. */
  async function send(say: () => Promise<RunView>) {
    try {
      data.replace(await data.send(say));
    } catch (thrown) {
      data.reload();
      throw thrown;
    }
  }

  // The answer shows at once; if it is refused, everything is as it was, and the card says why.
  async function answer(asked: ApprovalView, given: api.Answer) {
    setRefused(null);
    data.replace(expectAnswer(run, asked, given, now));
    try {
      const { effect, payload_hash } = asked;
      await send(() => api.answerApproval({ run: run.id, effect, payload_hash }, given));
    } catch (thrown) {
      data.replace(run);
      setRefused({ effect: asked.effect, error: asCallError(thrown) });
    }
  }

  const ORDERS = {
    pause: (reason: string) => api.pauseRun(run.id, reason),
    cancel: (reason: string) => api.cancelRun(run.id, reason),
    undo: (reason: string) => api.undoWrites(run.id, [], reason),
    rerun: (reason: string) => api.rerunRun(run.id, from, reason),
  };

  async function give(given: Order, reason: string) {
    await send(() => ORDERS[given](reason));
    setStopAsked(given === 'cancel');
    setOrder(null);
  }

  // Meanwhile the run may have gone where an order means nothing any more.
  const fits = order !== null && FOR_ENDED.includes(order) !== open;
  const undo = open ? null : (effects: string[]) => send(() => api.undoWrites(run.id, effects, ''));
  return (
    <UndoContext.Provider value={undo}>
      <RunHeader run={run} now={now} live={data.live} stopping={stopping}>
        {stopping || fits ? null : (
          <RunControls
            run={run}
            resuming={resume.busy}
            onOrder={setOrder}
            onResume={() => void resume.run()}
          />
        )}
      </RunHeader>
      {resume.error ? <Trouble error={resume.error} /> : null}
      {fits ? (
        <RunOrder
          key={order}
          order={order}
          onGive={(reason) => give(order, reason)}
          onLeave={() => setOrder(null)}
        >
          {order === 'undo' ? <UndoList run={run} /> : null}
          {order === 'rerun' ? (
            <BeginningList beginnings={run.beginnings} chosen={from} onChoose={setChosen} />
          ) : null}
        </RunOrder>
      ) : null}
      <StepStrip tiles={run.strip} />
      <RunNotice run={run} now={now} stopping={stopping} />
      {run.approvals.map((asked) => (
        <ApprovalCard
          key={asked.effect + asked.payload_hash}
          asked={asked}
          now={now}
          error={refused?.effect === asked.effect ? refused.error : null}
          onAnswer={(given) => void answer(asked, given)}
        />
      ))}
      {run.questions.map((asked) => (
        <QuestionCard
          key={asked.id}
          asked={asked}
          now={now}
          onReply={(given) => send(() => api.replyTo(run.id, asked.id, given))}
          onWay={(way, reason) => send(() => api.resolveCall(run.id, asked.id, way, reason))}
        />
      ))}
      {run.hand_off ? <HandOff run={run} handOff={run.hand_off} now={now} /> : null}
      <Timeline run={run} now={now} />
      <RunFooter run={run} />
    </UndoContext.Provider>
  );
}
