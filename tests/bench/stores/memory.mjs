// Storage in memory, as the app's ports see Forge's: values as text, entities written on a condition.

/** Refuses a transaction whose condition does not hold, in Forge's words. */
export class Refused extends Error {
  code = 'CONDITIONAL_CHECK_FAILED';
}

/** Whether a write may happen, given the version that is stored, if any. */
export const holds = (when, version) =>
  !when || (when.absent ? version === undefined : version === when.version);

export class MemoryStore {
  values = new Map();
  entities = new Map();

  get({ entity, key }) {
    return entity ? this.entities.get(`${entity} ${key}`) : this.values.get(key);
  }

  set({ key, value }) {
    this.values.set(key, value);
  }

  delete({ key }) {
    this.values.delete(key);
  }

  transact({ set, delete: gone, check }) {
    for (const { entity, key, when } of [...set, ...check]) {
      if (!holds(when, this.entities.get(`${entity} ${key}`)?.version)) throw new Refused(key);
    }
    for (const { entity, key, value } of set) {
      if (entity) this.entities.set(`${entity} ${key}`, value);
      else this.values.set(key, value);
    }
    for (const { entity, key } of gone) {
      if (entity) this.entities.delete(`${entity} ${key}`);
      else this.values.delete(key);
    }
  }

  close() {}
}
