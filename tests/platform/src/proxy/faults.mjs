/**
 * Failures of the platform itself, injected like those of any tool: a fault for the tool `forge`
 * whose path matches `kvs /api/v1/transaction`, `queue /webhook/queue/publish…` and the like.
 */
import { refuse } from './index.mjs';

class Dropped extends Error {
  name = 'Dropped';
}

/**
 * @param {import('./index.mjs').Capability} capability
 * @returns {import('./index.mjs').Capability}
 */
export const faulty = (name, capability, world) => async (call) => {
  const path = `${name} ${call.target}`;
  const fault = world.faults?.strike?.({ tool: 'forge', method: call.request.method, path });
  switch (fault?.effect) {
    case undefined:
      return capability(call);
    case 'drop_before':
      throw new Dropped(path);
    case 'drop_after':
      await capability(call);
      throw new Dropped(path);
    case 'status':
      return Response.json({ code: 'FAULT', message: 'injected' }, { status: fault.status ?? 500 });
    default:
      return refuse(501, 'NOT_MODELLED', `forge does not fail by ${fault.effect}`);
  }
};
