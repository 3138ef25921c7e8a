/**
 * Posting, changing and deleting messages.
 * https://docs.slack.dev/reference/methods/chat.postMessage
 */
import { Refusal } from '../reply.mjs';
import { refusal } from './workspace.mjs';

const LONGEST = 40_000;

export const chat = {
  // https://docs.slack.dev/reference/methods/chat.postMessage
  'chat.postMessage': (workspace, args, bot) => {
    // A user's id stands for the conversation with that person.
    const channel = args.channel?.startsWith('U')
      ? workspace.direct(bot, args.channel)
      : workspace.channel(args.channel, bot);
    if (channel.is_archived) throw refusal('is_archived');
    const { metadata, warnings } = readMetadata(args);
    const message = workspace.keep({
      channel: channel.id,
      ts: workspace.timestamp(),
      user: bot.user_id,
      bot_id: bot.bot_id,
      app_id: bot.app_id,
      ...content(args),
      ...(args.thread_ts && { thread_ts: args.thread_ts }),
      ...(metadata && { metadata }),
      updates: 0,
    });
    return {
      channel: channel.id,
      ts: message.ts,
      message: view(workspace, message),
      ...(warnings.length > 0 && {
        warning: warnings.join(','),
        response_metadata: { warnings },
      }),
    };
  },

  // https://docs.slack.dev/reference/methods/chat.update
  'chat.update': (workspace, args, bot) => {
    const channel = workspace.channel(args.channel, bot);
    const held = workspace.message(channel, args.ts);
    if (held.user !== bot.user_id) throw refusal('cant_update_message');
    const { metadata } = readMetadata(args);
    const message = workspace.keep({
      ...held,
      ...content(args),
      // Metadata that is not given stays; an empty object takes it away.
      ...(metadata && { metadata: Object.keys(metadata).length > 0 ? metadata : undefined }),
      edited: { user: bot.user_id, ts: workspace.timestamp() },
      updates: held.updates + 1,
    });
    return {
      channel: channel.id, ts: message.ts, text: message.text, message: view(workspace, message),
    };
  },

  // https://docs.slack.dev/reference/methods/chat.delete
  'chat.delete': (workspace, args, bot) => {
    const channel = workspace.channel(args.channel, bot);
    const held = workspace.message(channel, args.ts);
    if (held.user !== bot.user_id) throw refusal('cant_delete_message');
    workspace.messages.delete(`${channel.id}/${held.ts}`);
    return { channel: channel.id, ts: held.ts };
  },

  // https://docs.slack.dev/reference/methods/chat.getPermalink
  'chat.getPermalink': (workspace, args, bot) => {
    const channel = workspace.channel(args.channel, bot);
    const { ts } = workspace.message(channel, args.message_ts);
    const link = `https://acme.slack.com/archives/${channel.id}/p${ts.replace('.', '')}`;
    return { channel: channel.id, permalink: link };
  },
};

function content({ text = '', blocks, attachments }) {
  if (typeof text !== 'string') throw refusal('invalid_arguments');
  if (text.length > LONGEST) throw refusal('msg_too_long');
  const parts = {
    text,
    ...(blocks && { blocks: listed(blocks, 'invalid_blocks_format') }),
    ...(attachments && { attachments: listed(attachments, 'invalid_attachments') }),
  };
  if (text === '' && !parts.blocks?.length && !parts.attachments?.length) throw refusal('no_text');
  return parts;
}

/** In a form, structured arguments are JSON in a string. */
function structured(value, error) {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    throw refusal(error);
  }
}

function listed(value, error) {
  const list = structured(value, error);
  if (!Array.isArray(list)) throw refusal(error);
  return list;
}

/**
 * Message metadata. A type with other signs than letters, digits, _ and - is ignored with no more
 * than a warning, as https://docs.slack.dev/messaging/message-metadata says.
 */
function readMetadata({ metadata: given }) {
  const metadata = structured(given, 'invalid_metadata_format');
  if (metadata === undefined) return { warnings: [] };
  if (metadata === null || typeof metadata !== 'object' || Array.isArray(metadata)) {
    throw refusal('invalid_metadata_format');
  }
  if (Object.keys(metadata).length === 0) return { metadata, warnings: [] };
  const { event_type: type, event_payload: payload } = metadata;
  if (typeof type !== 'string' || payload === null || typeof payload !== 'object') {
    throw refusal('invalid_metadata_format');
  }
  if (JSON.stringify(metadata).length > 16_000) throw refusal('metadata_too_large');
  return /^[\w-]+$/.test(type)
    ? { metadata: { event_type: type, event_payload: payload }, warnings: [] }
    : { warnings: ['invalid_metadata_schema'] };
}

/** What is ignored of a message's metadata, for the record of problems. */
export function metadataWarnings(args) {
  try {
    return readMetadata(args).warnings;
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}

/** A message as Slack shows it; metadata only where it is asked for. */
export function view(workspace, { channel, updates, metadata, ...message }, withMetadata = true) {
  return {
    type: 'message',
    ...message,
    team: 'T0ACME',
    ...(withMetadata && metadata && { metadata }),
  };
}
