// Asks the backend, and turns both kinds of "no" into one error people can act on.

import { invoke } from '@forge/bridge';

import { t } from '../words/words';
import type { ApiError, Problem } from './generated';

type Answer<T> = { ok: T } | { error: ApiError };
/** Either kind of "no": the backend's, or this page's own, which has no problems to list. */
type Refusal = Omit<ApiError, 'problems'> & Partial<Pick<ApiError, 'problems'>>;

/** Why a call was not answered. */
export class CallError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly problems: Problem[];

  constructor({ code, message, hint, problems = [] }: Refusal) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.problems = problems;
  }
}

/** Whatever was thrown, as something that can be shown. */
export function asCallError(thrown: unknown): CallError {
  if (thrown instanceof CallError) return thrown;
  return new CallError({
    code: 'unreachable',
    message: t('app.unreachable'),
    hint: t('app.unreachable_hint'),
  });
}

/** Calls the resolver function `name` of this module. */
export async function call<T>(name: string, payload: Record<string, unknown> = {}): Promise<T> {
  let answer: Answer<T> | undefined;
  try {
    answer = (await invoke<Answer<T>>(name, payload)) as Answer<T>;
  } catch (thrown) {
    throw asCallError(thrown);
  }
  if (answer && 'ok' in answer) return answer.ok;
  throw answer && 'error' in answer ? new CallError(answer.error) : asCallError(answer);
}
