/**
 * Publishing and signing from a function. Without a page behind the invocation only the global
 * family works, as on Forge.
 */
import { unmodelled } from './index.mjs';

/** @returns {import('./index.mjs').Capability} */
export const realtimeCall =
  ({ realtime, journal }) =>
  async ({ invocation, request }) => {
    const { query, variables } = await request.json();
    if (!realtime.allowed()) {
      return Response.json({}, { status: 429 });
    }
    if (query.includes('signRealtimeToken')) {
      return told({
        signRealtimeToken: {
          success: true,
          errors: null,
          forgeRealtimeToken: realtime.sign(variables),
        },
      });
    }
    if (query.includes('publishRealtimeChannel')) {
      return publish(
        realtime,
        variables,
        request.headers.get('x-forge-context-token'),
        invocation,
        journal,
      );
    }
    return unmodelled(journal, 'this realtime request', invocation);
  };

function publish(
  realtime,
  { name, payload, context, isGlobal, token },
  contextToken,
  invocation,
  journal,
) {
  if (!isGlobal && !invocation.frontEnd) {
    journal.complain(
      `${invocation.functionKey}: publish needs a page that invoked it; there is publishGlobal`,
      invocation.id,
    );
    return Response.json({
      errors: [{ message: 'A context token is required to publish to this channel' }],
    });
  }
  try {
    if (token) realtime.admit(token, name, 'publish');
    const place = isGlobal ? undefined : narrowed(realtime.read(contextToken).context, context);
    return told({
      publishRealtimeChannel: realtime.publish({
        channel: name,
        payload,
        isGlobal,
        context: place,
        token,
      }),
    });
  } catch (error) {
    return Response.json({ errors: [{ message: error.message }] });
  }
}

/** Overrides name the properties of the place that count; none at all: all of the place. */
export function narrowed(place, overrides) {
  const { contextOverrides } = overrides ? JSON.parse(overrides) : {};
  if (!contextOverrides) return place;
  return Object.fromEntries(contextOverrides.map((name) => [name, place[name]]));
}

const told = (ecosystem) => Response.json({ data: { ecosystem } });
