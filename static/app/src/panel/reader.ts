// Reads one thing again and again: never twice at once, and never showing what a write overtook.

export type Reader = {
  /** Reads now, or once more after the read under way: hints come in bursts. */
  reload: () => void;
  /** Writes; what was read meanwhile may be older than the write, so it is read again instead. */
  send: <T>(write: () => Promise<T>) => Promise<T>;
};

export type Readable<V> = {
  read: () => Promise<V>;
  show: (value: V) => void;
  fail: (thrown: unknown) => void;
};

export function createReader<V>({ read, show, fail }: Readable<V>): Reader {
  let reading = false;
  let wanted = false;
  let writing = 0;
  let written = 0;

  async function reload(): Promise<void> {
    if (reading || writing > 0) {
      wanted = true;
      return;
    }
    reading = true;
    wanted = false;
    const before = written;
    try {
      const value = await read();
      if (before === written && writing === 0) show(value);
      else wanted = true;
    } catch (thrown) {
      fail(thrown);
    }
    reading = false;
    if (wanted) void reload();
  }

  async function send<T>(write: () => Promise<T>): Promise<T> {
    writing += 1;
    try {
      return await write();
    } finally {
      writing -= 1;
      written += 1;
      if (wanted) void reload();
    }
  }

  return { reload: () => void reload(), send };
}
