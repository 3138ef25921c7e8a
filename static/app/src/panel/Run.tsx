// One run on the panel, top to bottom.

import { useState } from 'react';

import { asCallError, type CallError } from '../api/call';
import type { ApprovalView, RunView } from '../api/generated';
import { answerApproval, cancelRun, type Answer } from '../api/panel';
import { ApprovalCard } from './ApprovalCard';
import { expectAnswer } from './expect';
import { RunFooter } from './RunFooter';
import { RunHeader } from './RunHeader';
import { RunNotice } from './RunNotice';
import { StepStrip } from './StepStrip';
import { StopRun } from './StopRun';
import { Timeline } from './Timeline';
import type { PanelData } from './usePanel';
import { isFinal } from '../words/labels';

type Props = { run: RunView; now: number; data: PanelData };
type Refused = { effect: string; error: CallError };

export function Run({ run, now, data }: Props) {
  const [refused, setRefused] = useState<Refused | null>(null);
  const [stop, setStop] = useState<'no' | 'asking' | 'asked'>('no');
  const open = !isFinal(run.state);

  // The answer shows at once; if it is refused, everything is as it was, and the card says why.
  async function answer(asked: ApprovalView, given: Answer) {
    setRefused(null);
    data.replace(expectAnswer(run, asked, given, now));
    try {
      const { effect, payload_hash } = asked;
      const question = { run: run.id, effect, payload_hash };
      data.replace(await data.send(() => answerApproval(question, given)));
    } catch (thrown) {
      data.replace(run);
      setRefused({ effect: asked.effect, error: asCallError(thrown) });
      data.reload();
    }
  }

  async function stopRun(reason: string) {
    data.replace(await data.send(() => cancelRun(run.id, reason)));
    setStop('asked');
  }

  return (
    <>
      <RunHeader
        run={run}
        now={now}
        live={data.live}
        stopping={stop === 'asked' && open}
        onStop={open && stop === 'no' ? () => setStop('asking') : null}
      />
      {stop === 'asking' && open ? <StopRun onStop={stopRun} onKeep={() => setStop('no')} /> : null}
      <StepStrip tiles={run.strip} />
      <RunNotice run={run} now={now} stopping={stop === 'asked' && open} />
      {run.approvals.map((asked) => (
        <ApprovalCard
          key={asked.effect + asked.payload_hash}
          asked={asked}
          now={now}
          error={refused?.effect === asked.effect ? refused.error : null}
          onAnswer={(given) => void answer(asked, given)}
        />
      ))}
      <Timeline run={run} now={now} />
      <RunFooter run={run} />
    </>
  );
}
