/**
 * What all simulated tools share: state, clock, faults, the vendors' contracts, the record of every
 * request, and the way out for events.
 */
import { Contract } from './contract.mjs';
import { Faults } from './faults.mjs';
import { State } from './state.mjs';

export class World {
  constructor({ db, clock, emit, contracts }) {
    this.state = new State(db);
    this.clock = clock;
    this.emit = emit ?? (() => {});
    this.contract = new Contract(contracts);
    this.faults = new Faults(this.state);
    this.requests = this.collection('request');
    this.outbox = this.collection('outbox');
    this.due = this.collection('due');
    this.settings = this.collection('setting');
    this.delivery = null;
    /** Lets somebody do something; set by whoever knows all the tools. */
    this.act = () => {};
  }

  collection(name) {
    return this.state.collection(name);
  }

  now() {
    return this.clock.now();
  }

  /** Now, as most of the vendors write it. */
  iso() {
    return new Date(this.now()).toISOString();
  }

  /** Keeps a record of one request. */
  record(entry) {
    this.requests.put(this.requests.next(), entry);
  }

  /** Every request that broke a vendor's contract, or asked for what no simulator has. */
  problems() {
    return this.requests.list((request) => request.problem);
  }

  /**
   * Sets an event on its way. It is kept with the change that caused it and leaves after the
   * commit, so that a kill in between neither loses it nor sends it for what never was.
   */
  raise(event) {
    const id = this.outbox.next();
    this.outbox.put(id, { id, event });
  }

  /** Hands over what waits in the outbox, one after the other: at least once, as vendors do. */
  deliver() {
    this.delivery ??= this.drain().finally(() => {
      this.delivery = null;
    });
    return this.delivery;
  }

  async drain() {
    for (let [next] = this.outbox.list(); next; [next] = this.outbox.list()) {
      await this.emit(next.event);
      this.outbox.delete(next.id);
    }
  }

  /** Lets `change` happen at `at` without anybody asking: a pipeline ends, a person merges. */
  schedule(at, action, input = {}) {
    const id = this.due.next();
    this.due.put(id, { id, at, action, input });
  }

  /** When the world next changes by itself; now, if an event still waits to leave. */
  dueAt() {
    if (this.outbox.list().length > 0) return this.now();
    const times = this.due.list().map((change) => change.at);
    return times.length > 0 ? Math.min(...times) : null;
  }
}
