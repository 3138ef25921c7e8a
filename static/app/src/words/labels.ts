// What states, operations and fields are called in front of people.

import type { RunState, RunView, StepState } from '../api/generated';
import { t, word } from './words';

export type Tone = 'information' | 'warning' | 'success' | 'danger' | 'neutral';

const TONES: Record<RunState, Tone> = {
  running: 'information',
  waiting_person: 'warning',
  waiting_outside: 'neutral',
  held: 'warning',
  completed: 'success',
  completed_with_gaps: 'warning',
  cancelled: 'neutral',
  failed: 'danger',
};

export const runTone = (state: RunState): Tone => TONES[state];

/** Whether nothing will happen any more. */
export const isFinal = (state: RunState): boolean =>
  ['completed', 'completed_with_gaps', 'cancelled', 'failed'].includes(state);

/** Whether the run was over already, and takes back what it wrote. */
export const isUndoing = ({ state, ended_at }: Pick<RunView, 'state' | 'ended_at'>): boolean =>
  !isFinal(state) && ended_at !== null;

type Standing = Pick<RunView, 'state' | 'ended_at' | 'brakes' | 'approvals' | 'questions'>;

/** The run's state in a word or two, from where the person looking stands. */
export function runLabel(run: Standing): string {
  if (run.state === 'held') return t(run.brakes.includes('pause') ? 'run.paused' : 'run.held');
  if (isUndoing(run)) return t('run.undoing');
  if (run.state !== 'waiting_person') return t(`run.${run.state}`);
  if (isMyTurn(run)) return t('run.waiting_for_you');
  const [name] = [
    ...run.approvals.map(personLabel),
    ...run.questions.filter(({ who }) => who).map(({ who_name }) => who_name || t('app.a_person')),
  ];
  return name ? t('run.waiting_for', { name }) : t('run.waiting_person');
}

/** Whether something waits for the person looking. */
export const isMyTurn = ({ approvals, questions }: Pick<Standing, 'approvals' | 'questions'>) =>
  [...approvals, ...questions].some(({ mine }) => mine);

/** Who is asked: a name, or a role in words. */
export function personLabel(asked: { approver: string; approver_name: string }): string {
  if (asked.approver_name) return asked.approver_name;
  return asked.approver.startsWith('role:')
    ? fieldLabel(asked.approver.slice('role:'.length))
    : t('app.a_person');
}

export const stepLabel = (state: StepState): string => t(`step.${state}`);

export const systemLabel = (system: string): string => word(`system.${system}`, fieldLabel(system));

type Verb = 'send' | 'update' | 'create' | 'delete' | 'merge' | 'transition' | 'run';

/** What the last part of an operation's id means to a person; the others are said to "run". */
const VERBS: Record<string, Verb> = {
  comment: 'send',
  reply: 'send',
  send: 'send',
  post: 'send',
  note: 'send',
  invite: 'send',
  update: 'update',
  patch: 'update',
  put: 'update',
  set: 'update',
  edit: 'update',
  append: 'update',
  label: 'update',
  create: 'create',
  add: 'create',
  open: 'create',
  link: 'create',
  delete: 'delete',
  remove: 'delete',
  merge: 'merge',
  transition: 'transition',
};

/** The verb of an operation; what people read is sent to them, however it is stored. */
export function verbOf(operation: string): Verb {
  const parts = operation.split('.');
  const verb = (parts.at(-1) ?? '').split('_')[0] ?? '';
  const isMessage = ['comment', 'note', 'message'].includes(parts.at(-2) ?? '');
  if (isMessage && ['create', 'add'].includes(verb)) return 'send';
  return VERBS[verb] ?? 'run';
}

/** `customer_impact` and `customerImpact` as `Customer impact`; foreign keys stay as they are. */
export function fieldLabel(name: string): string {
  if (/__\w$/.test(name)) return name;
  const words = name
    .replace(/[_.-]+/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A sentence made fit to follow a comma: `The step is skipped.` as `the step is skipped`. */
export function asClause(sentence: string): string {
  const bare = sentence.trim().replace(/\.$/, '');
  return /^[A-Z][a-z]* /.test(bare) ? bare.charAt(0).toLowerCase() + bare.slice(1) : bare;
}

/** A clause made fit to stand alone: `paused by Ana` as `Paused by Ana`. */
export const asSentence = (clause: string): string =>
  clause.charAt(0).toUpperCase() + clause.slice(1);

/** Choices are written `attach_to_known`; people read words. */
export function choiceLabel(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[a-z]+(_[a-z]+)+$/.test(value) ? value.replaceAll('_', ' ') : value;
}
