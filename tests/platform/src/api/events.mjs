/**
 * A stream of what happens, for the page: realtime events, the clock, invocations, quiet points.
 */
import { streamSSE } from 'hono/streaming';

export const events = ({ realtime, clock, invocations, activity }) => {
  /** @type {Set<(type: string, data: object) => void>} */
  const readers = new Set();
  const tell = (type, data) => readers.forEach((read) => read(type, data));
  realtime.listeners.add((event) => tell('realtime', event));
  clock.listeners.add(() => tell('clock', { now: clock.now(), ...clock.state() }));
  invocations.finished = ({ functionKey, success, wallMs, error }) =>
    tell('invocation', { functionKey, success, wallMs, error: error?.errorMessage });
  const onQuiet = activity.onQuiet;
  activity.onQuiet = () => {
    onQuiet();
    tell('quiet', { now: clock.now() });
  };
  return (c) =>
    streamSSE(c, async (stream) => {
      const read = (type, data) => stream.writeSSE({ event: type, data: JSON.stringify(data) });
      readers.add(read);
      await read('clock', { now: clock.now(), ...clock.state() });
      await new Promise((resolve) => stream.onAbort(resolve));
      readers.delete(read);
    });
};
