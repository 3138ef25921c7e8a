/**
 * Channels, their history, and who is who.
 * https://docs.slack.dev/reference/methods/conversations.history
 */
import { view } from './chat.mjs';
import { refusal } from './workspace.mjs';

const yes = (value) => [true, 'true', '1', 1].includes(value);

export const conversations = {
  // https://docs.slack.dev/reference/methods/auth.test
  'auth.test': (workspace, args, bot) => ({
    url: 'https://acme.slack.com/',
    team: 'ACME support',
    user: workspace.users.get(bot.user_id).name,
    team_id: 'T0ACME',
    user_id: bot.user_id,
    bot_id: bot.bot_id,
    is_enterprise_install: false,
  }),

  // https://docs.slack.dev/reference/methods/conversations.history
  'conversations.history': (workspace, args, bot) => {
    const channel = workspace.channel(args.channel, bot);
    if (!channel.members.includes(bot.user_id)) throw refusal('not_in_channel');
    const limit = Math.min(Number(args.limit ?? 100), 999);
    const found = workspace.messagesOf(channel).filter(within(args)).reverse();
    const start = Number(Buffer.from(args.cursor ?? '', 'base64').toString().split(':')[1] ?? 0);
    const page = found.slice(start, start + limit);
    const more = start + limit < found.length;
    const cursor = more ? Buffer.from(`next:${start + limit}`).toString('base64') : '';
    return {
      messages: page.map((held) => view(workspace, held, yes(args.include_all_metadata))),
      has_more: more,
      pin_count: 0,
      response_metadata: { next_cursor: cursor },
    };
  },

  // https://docs.slack.dev/reference/methods/conversations.open
  'conversations.open': (workspace, args, bot) => {
    const ids = String(args.users ?? '').split(',').filter(Boolean);
    if (args.channel) return { channel: brief(workspace.channel(args.channel, bot)) };
    if (ids.length === 0) throw refusal('users_list_not_supplied');
    if (ids.length > 1) throw refusal('not_enough_users');
    const held = workspace.channels.list(({ user }) => user === ids[0]).length > 0;
    const channel = workspace.direct(bot, ids[0]);
    return { channel: brief(channel), ...(held && { no_op: true, already_open: true }) };
  },

  // https://docs.slack.dev/reference/methods/conversations.close
  'conversations.close': (workspace, args, bot) => {
    const channel = workspace.channel(args.channel, bot);
    if (!channel.is_im) throw refusal('method_not_supported_for_channel_type');
    return {};
  },

  // https://docs.slack.dev/reference/methods/conversations.info
  'conversations.info': (workspace, args, bot) => ({
    channel: workspace.channel(args.channel, bot),
  }),

  // https://docs.slack.dev/reference/methods/conversations.list
  'conversations.list': (workspace, args, bot) => ({
    channels: workspace.channels.list(({ is_im: direct, is_private: hidden, members }) =>
      !direct && (!hidden || members.includes(bot.user_id))),
    response_metadata: { next_cursor: '' },
  }),

  // https://docs.slack.dev/reference/methods/users.lookupByEmail
  'users.lookupByEmail': (workspace, { email }) => {
    const wanted = String(email ?? '').toLowerCase();
    const [user] = workspace.users.list(({ profile }) => profile.email === wanted);
    if (!user) throw refusal('users_not_found');
    return { user };
  },

  // https://docs.slack.dev/reference/methods/users.info
  'users.info': (workspace, args) => {
    const user = workspace.users.get(args.user);
    if (!user) throw refusal('user_not_found');
    return { user };
  },
};

const brief = ({ id }) => ({ id });

/** The messages between `oldest` and `latest`; the ends themselves only if `inclusive`. */
const within = ({ oldest = '0', latest, inclusive }) => ({ ts }) => {
  const at = Number(ts);
  const ends = yes(inclusive);
  const after = ends ? at >= Number(oldest) : at > Number(oldest);
  const before = !latest || (ends ? at <= Number(latest) : at < Number(latest));
  return after && before;
};
