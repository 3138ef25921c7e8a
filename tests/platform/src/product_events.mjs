/**
 * Product events on their way to the app's triggers.
 * https://developer.atlassian.com/platform/forge/manifest-reference/trigger/
 */
import { backoff } from './queue.mjs';

const RETRIES = 4;
const SIZE_LIMIT = 200 * 1024;

export class ProductEvents {
  constructor({ manifest, site, deliveries, invocations, journal, store }) {
    Object.assign(this, { manifest, site, deliveries, invocations, journal, store });
    deliveries.handlers.trigger = this;
    for (const { key, filter } of manifest.ofType('trigger')) {
      if (filter?.expression)
        journal.complain(`trigger ${key}: filter.expression is not evaluated here`);
    }
  }

  /**
   * @param {{event: string, payload?: object, actor?: string}} happened  by the `app` or an account
   */
  emit({ event, payload = {}, actor }) {
    const selfGenerated = actor === 'app';
    const body = { eventType: event, ...payload, selfGenerated };
    if (Buffer.byteLength(JSON.stringify(body)) > SIZE_LIMIT) {
      this.journal.complain(`${event} is over 200 KB and is not delivered`);
      return;
    }
    for (const trigger of this.manifest.ofType('trigger')) {
      const spec = (trigger.events ?? []).find((each) => (each.eventType ?? each) === event);
      if (spec && this.passes({ ...trigger.filter, ...spec.filter }, selfGenerated)) {
        this.deliveries.add({ kind: 'trigger', module: trigger.key, event: body });
      }
    }
  }

  passes({ ignoreSelf, appIsLicensed }, selfGenerated) {
    if (appIsLicensed && this.site.license?.active !== true) return false;
    return !(ignoreSelf && selfGenerated);
  }

  /** The first start of an installation tells the app. */
  install() {
    this.store.once('installed', () => {
      this.emit({
        event: 'avi:forge:installed:app',
        payload: {
          id: `ari:cloud:ecosystem::installation/${this.site.installationId}`,
          app: { id: `ari:cloud:ecosystem::app/${this.site.appId}`, version: this.site.appVersion },
          environment: { id: this.site.environmentId },
        },
      });
      return true;
    });
  }

  deliver({ module, event, attempt, retry }) {
    const context = { cloudId: this.site.cloudId, moduleKey: module };
    return this.invocations.run({
      module: this.manifest.module(module),
      body: {
        ...event,
        context,
        ...(attempt > 0 && { retryContext: { retryCount: attempt, ...retry } }),
      },
    });
  }

  /** Unlike a queue event, a product event is tried four more times and that is all. */
  again({ attempt, module }, { success, body, error }) {
    const wish = success && body?._retry === true && (body.retryOptions ?? {});
    if (success && !wish) return undefined;
    if (attempt >= RETRIES) {
      this.journal.complain(`trigger ${module}: an event was dropped after ${RETRIES} retries`);
      return undefined;
    }
    const retryReason = wish ? (wish.retryReason ?? 'FUNCTION_RETRY_REQUEST') : error.errorType;
    const afterMs = wish
      ? 1000 * Math.min(900, Math.max(1, wish.retryAfter ?? 1))
      : backoff(attempt);
    return { afterMs, retry: { retryReason, retryData: wish ? wish.retryData : undefined } };
  }
}
