/**
 * Slack, as far as Tutti's flows go: its Web API's methods over messages with metadata.
 * https://docs.slack.dev/apis/web-api/
 */
import { Refusal, ok } from '../reply.mjs';
import { Tool } from '../tool.mjs';
import { chat, metadataWarnings } from './chat.mjs';
import { conversations } from './conversations.mjs';
import { Workspace, refusal } from './workspace.mjs';

const METHODS = { ...chat, ...conversations };

export function createSlack(world) {
  const workspace = new Workspace(world);
  const tool = new Tool('slack', world, {
    authenticate: (call) => {
      const [, bearer] = /^Bearer (.+)$/i.exec(call.headers.get('authorization') ?? '') ?? [];
      const token = bearer ?? argumentsOf(call).token;
      if (!token) throw refusal('not_authed');
      const bot = workspace.tokens.get(token);
      if (!bot) throw refusal('invalid_auth');
      return bot.user_id;
    },
    // The contract is of 2021 and lacks what came later: its word is put on record, not enforced.
    check: async (call) => {
      const args = argumentsOf(call);
      return [...(world.contract.slack(methodOf(call), args) ?? []), ...metadataWarnings(args)];
    },
    unauthorized: () => refusal('invalid_auth'),
    refusal: (status, headers) => {
      if (status === 429) return new Refusal(429, { ok: false, error: 'ratelimited' }, headers);
      if (status === 404) return refusal('unknown_method');
      return new Refusal(status, { ok: false, error: 'internal_error' }, headers);
    },
  });
  for (const [name, method] of Object.entries(METHODS)) {
    const route = (call) => {
      const [bot] = workspace.tokens.list(({ user_id: id }) => id === call.actor);
      return ok({ ok: true, ...method(workspace, argumentsOf(call), bot) });
    };
    tool.get(`/api/${name}`, route);
    tool.post(`/api/${name}`, route);
  }
  return { app: tool.app, workspace, world: () => shown(workspace) };
}

const methodOf = ({ path }) => path.replace(/^\/api\//, '');

/** Arguments come in the query, a form, or JSON. */
const argumentsOf = ({ query, body }) => ({ ...Object.fromEntries(query), ...body });

/** Everything the workspace holds. */
function shown(workspace) {
  const channels = workspace.channels.list().map((channel) => [channel.id, {
    name: channel.name ?? null,
    direct: channel.is_im ? channel.user : null,
    messages: workspace.messagesOf(channel),
  }]);
  return { channels: Object.fromEntries(channels) };
}
