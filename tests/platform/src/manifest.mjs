/**
 * What manifest.yml says, in the shape the platform asks for: functions, modules, permissions,
 * entities. https://developer.atlassian.com/platform/forge/manifest-reference/
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { parse } from 'yaml';

/** Seconds a function may run, by the module that invokes it (limits-invocation). */
const LIMITS = { consumer: 55, scheduledTrigger: 55, webtrigger: 55, action: 55, trigger: 25 };
const LIMIT_OF_UI = 25;
const LONG_RUNNING = new Set(['consumer', 'scheduledTrigger']);

const TRIGGER_FILTERS = new Set(['ignoreSelf', 'appIsLicensed', 'expression', 'onError']);

export class Manifest {
  /** @param {string} file */
  static read(file) {
    return new Manifest(parse(readFileSync(file, 'utf8')), dirname(resolve(file)));
  }

  constructor(document, directory) {
    this.document = document;
    this.directory = directory;
    this.app = document.app ?? {};
    this.modules = Object.entries(document.modules ?? {}).flatMap(([type, modules]) =>
      modules.map((module) => ({ ...module, type })),
    );
    this.functions = new Map(this.ofType('function').map((each) => [each.key, each]));
    this.resources = document.resources ?? [];
    this.check();
  }

  ofType(type) {
    return this.modules.filter((module) => module.type === type);
  }

  /** @returns {object | undefined} */
  module(key) {
    return this.modules.find((module) => module.key === key && module.type !== 'function');
  }

  /** The function a module invokes: its own, or its resolver's. */
  functionOf(module) {
    return this.functions.get(module.resolver?.function ?? module.function);
  }

  /** @returns {number} milliseconds */
  timeLimit(module) {
    const declared = this.functionOf(module)?.timeoutSeconds;
    const standard = LIMITS[module.type] ?? LIMIT_OF_UI;
    if (declared === undefined) return standard * 1000;
    return 1000 * (LONG_RUNNING.has(module.type) ? declared : Math.min(declared, standard));
  }

  memory(func) {
    return func.runtime?.memoryMB ?? this.app.runtime?.memoryMB ?? 512;
  }

  /** Scopes by name; whether the app may act for a user who is not there. */
  get scopes() {
    const { scopes = [] } = this.document.permissions ?? {};
    return Array.isArray(scopes)
      ? new Map(scopes.map((scope) => [scope, { allowImpersonation: false }]))
      : new Map(Object.entries(scopes).map(([scope, how]) => [scope, how ?? {}]));
  }

  /** Addresses the backend may fetch. */
  get egress() {
    const remotes = new Map((this.document.remotes ?? []).map((each) => [each.key, each.baseUrl]));
    const { backend = [] } = this.document.permissions?.external?.fetch ?? {};
    return backend.map((entry) =>
      typeof entry === 'string' ? entry : (entry.address ?? remotes.get(entry.remote)),
    );
  }

  get entities() {
    return this.app.storage?.entities ?? [];
  }

  check() {
    const known = (module) => {
      const func = module.resolver?.function ?? module.function;
      if (func && !this.functions.has(func)) {
        throw new Error(`${module.type} ${module.key} names an unknown function ${func}`);
      }
    };
    this.modules.filter(({ type }) => type !== 'function').forEach(known);
    for (const { key, filter = {} } of this.ofType('trigger')) {
      const odd = Object.keys(filter).filter((name) => !TRIGGER_FILTERS.has(name));
      if (odd.length > 0) throw new Error(`trigger ${key}: unknown filter ${odd.join(', ')}`);
    }
  }
}
