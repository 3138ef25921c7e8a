/**
 * The Slack workspace itself: people, channels and messages with their metadata.
 */
import { Refusal } from '../reply.mjs';

/** Slack refuses with status 200 and `ok: false`. */
export const refusal = (error, more = {}) => new Refusal(200, { ok: false, error, ...more });

export class Workspace {
  constructor(world) {
    this.world = world;
    this.users = world.collection('slack.user');
    this.tokens = world.collection('slack.token');
    this.channels = world.collection('slack.channel');
    this.messages = world.collection('slack.message');
  }

  /** A channel by its id or its #name, as far as `bot` can see it. */
  channel(idOrName = '', bot) {
    const name = idOrName.replace(/^#/, '');
    const found = this.channels.get(idOrName) ??
      this.channels.list((channel) => channel.name === name && !channel.is_im)[0];
    const hidden = found?.is_private && !found.members.includes(bot.user_id);
    if (!found || hidden) throw refusal('channel_not_found');
    return found;
  }

  messagesOf(channel) {
    return this.messages.list((message) => message.channel === channel.id);
  }

  message(channel, ts) {
    const found = this.messages.get(`${channel.id}/${ts}`);
    if (!found) throw refusal('message_not_found');
    return found;
  }

  keep(message) {
    return this.messages.put(`${message.channel}/${message.ts}`, message);
  }

  /** A timestamp no other message of the workspace has. */
  timestamp() {
    const serial = String(this.world.state.next('slack.ts') % 1_000_000).padStart(6, '0');
    return `${Math.floor(this.world.now() / 1000)}.${serial}`;
  }

  /** The conversation between the bot and one person, opened if there is none. */
  direct(bot, userId) {
    const user = this.users.get(userId);
    if (!user) throw refusal('user_not_found');
    const held = this.channels.list((channel) => channel.is_im && channel.user === userId)[0];
    if (held) return held;
    const id = `D0${String(this.channels.next(1)).padStart(8, '0')}`;
    return this.channels.put(id, {
      id, is_im: true, user: userId, is_private: true, members: [bot.user_id, userId],
      created: Math.floor(this.world.now() / 1000),
    });
  }
}
