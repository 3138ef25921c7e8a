/**
 * Slack in the world `acme`: the escalation channel, a private one, and the people.
 */

const BOT = 'U0TUTTI';

const USERS = [
  ['U0DANA', 'dana', 'Dana Reyes', 'dana@tutti.example'],
  ['U0BEN', 'ben', 'Ben Okafor', 'ben@tutti.example'],
  ['U0PAULA', 'paula', 'Paula Lindt', 'paula@tutti.example'],
  [BOT, 'tutti', 'Tutti', undefined],
];

const CHANNELS = [
  { id: 'C-ESC', name: 'esc-enterprise', members: [BOT, 'U0DANA', 'U0BEN', 'U0PAULA'] },
  { id: 'C-GENERAL', name: 'general', members: ['U0DANA', 'U0BEN', 'U0PAULA'] },
  { id: 'C-BOARD', name: 'board', members: ['U0PAULA'], is_private: true },
];

export function seedSlack(workspace, { token }) {
  for (const [id, name, realName, email] of USERS) {
    workspace.users.put(id, {
      id, name, real_name: realName, team_id: 'T0ACME', deleted: false, is_bot: id === BOT,
      profile: { real_name: realName, display_name: name, email },
    });
  }
  workspace.tokens.put(token, { user_id: BOT, bot_id: 'B0TUTTI', app_id: 'A0TUTTI' });
  for (const channel of CHANNELS) {
    workspace.channels.put(channel.id, {
      is_channel: true, is_im: false, is_private: false, is_archived: false, created: 1_700_000_000,
      ...channel,
    });
  }
  workspace.keep({
    channel: 'C-ESC', ts: '1773129600.000100', user: 'U0DANA', updates: 0,
    text: 'Morning! Nothing open from the night.',
  });
}
