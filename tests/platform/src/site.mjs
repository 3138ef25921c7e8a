/**
 * Who the app is and where it is installed: one app, one environment, one Jira site.
 */
import { createHash } from 'node:crypto';

/** A stable id in the shape of a UUID, so that restarts and machines agree. */
const idOf = (name) =>
  createHash('sha256')
    .update(name)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

export class Site {
  /**
   * @param {import('./manifest.mjs').Manifest} manifest
   * @param {import('./store.mjs').Store} store
   */
  constructor(manifest, store) {
    this.store = store;
    this.url = 'https://acme.atlassian.net';
    this.cloudId = idOf(this.url);
    this.appId =
      String(manifest.app.id ?? '')
        .split('/')
        .pop() || idOf('app');
    this.environmentId = idOf(`${this.appId} environment`);
    this.installationId = idOf(`${this.appId} ${this.cloudId}`);
    this.appVersion = '1.0.0';
    this.contextAri = `ari:cloud:jira::site/${this.cloudId}`;
    this.scopes = [...manifest.scopes.keys()];
    this.egress = manifest.egress;
  }

  /** `undefined` as in development; or what the Marketplace says: `{active: true | false}`. */
  get license() {
    return this.store.meta('license');
  }

  set license(license) {
    this.store.setMeta('license', license ?? null);
  }

  /** What every function learns about its place, `ForgeRuntime.appContext`. */
  appContext({ invocationId, functionKey, module }) {
    return {
      appId: this.appId,
      appVersion: this.appVersion,
      environmentId: this.environmentId,
      environmentType: 'DEVELOPMENT',
      invocationId,
      installationId: this.installationId,
      functionKey,
      moduleType: module.type,
      moduleKey: module.key,
      ...(this.license && { license: this.license }),
      installation: {
        ari: `ari:cloud:ecosystem::installation/${this.installationId}`,
        contexts: [this.contextAri],
      },
      permissions: {
        scopes: this.scopes,
        external: { fetch: { backend: this.egress } },
      },
    };
  }
}
