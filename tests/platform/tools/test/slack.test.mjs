// Slack's simulator, through Slack's own client.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LogLevel, WebClient } from '@slack/web-api';

import { CREDENTIALS } from '../worlds/acme.mjs';
import { begin, open } from './world.mjs';

const { token } = CREDENTIALS.slack;
const metadata = { event_type: 'tutti_run', event_payload: { effect_key: 'tt-1/A8/1' } };

async function connected(t, key = token, logLevel = undefined) {
  const world = begin();
  const slackApiUrl = `${await open(t, world.tools.hosts['slack.com'])}/api/`;
  const client = new WebClient(key, {
    slackApiUrl,
    logLevel,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
  return { ...world, client };
}

const refused = (error) => ({
  code: 'slack_webapi_platform_error',
  message: `An API error occurred: ${error}`,
});

test('one message is posted, found by its metadata, changed and deleted', async (t) => {
  const { client, tools } = await connected(t);
  const channel = 'C-ESC';
  const { ts } = await client.chat.postMessage({ channel, text: 'ACME waits', metadata });
  await client.chat.update({ channel, ts, text: 'ACME is fine' });
  const { messages } = await client.conversations.history({ channel, include_all_metadata: true });
  assert.deepEqual(
    messages.map(({ text }) => text),
    ['ACME is fine', 'Morning! Nothing open from the night.'],
  );
  assert.deepEqual(messages[0].metadata, metadata, 'an update keeps metadata');
  const plain = await client.conversations.history({
    channel,
    latest: ts,
    inclusive: true,
    limit: 1,
  });
  assert.equal('metadata' in plain.messages[0], false);
  const held = tools.world().slack.channels['C-ESC'].messages[1];
  assert.deepEqual([held.ts, held.updates], [ts, 1]);
  await client.chat.delete({ channel, ts });
  assert.equal(tools.world().slack.channels['C-ESC'].messages.length, 1);
});

test('metadata of a type Slack does not allow is dropped, and put on record', async (t) => {
  // The client prints the warning; here it is the answer that counts.
  const { client, tools } = await connected(t, token, LogLevel.ERROR);
  const bad = { ...metadata, event_type: 'tutti.run' };
  const answer = await client.chat.postMessage({ channel: 'C-ESC', text: 'x', metadata: bad });
  assert.deepEqual(answer.response_metadata.warnings, ['invalid_metadata_schema']);
  assert.equal('metadata' in tools.world().slack.channels['C-ESC'].messages[1], false);
  assert.equal(tools.problems().length, 1);
});

test('Slack refuses in its own words', async (t) => {
  const { client } = await connected(t, token, LogLevel.ERROR);
  const post = (more) => client.chat.postMessage({ channel: 'C-ESC', text: 'x', ...more });
  await assert.rejects(post({ channel: 'C-NONE' }), refused('channel_not_found'));
  await assert.rejects(post({ channel: 'C-BOARD' }), refused('channel_not_found'));
  await assert.rejects(post({ text: '' }), refused('no_text'));
  await assert.rejects(post({ text: 'x'.repeat(40_001) }), refused('msg_too_long'));
  const update = client.chat.update({ channel: 'C-ESC', ts: '1.1', text: 'x' });
  await assert.rejects(update, refused('message_not_found'));
  const theirs = client.chat.delete({ channel: 'C-ESC', ts: '1773129600.000100' });
  await assert.rejects(theirs, refused('cant_delete_message'));
  await assert.rejects(client.users.lookupByEmail({ email: 'x@y.z' }), refused('users_not_found'));
  await assert.rejects(client.apiCall('chat.nonsense'), refused('unknown_method'));
});

test('a token is needed, and a right one', async (t) => {
  for (const [key, error] of [
    ['', 'not_authed'],
    ['wrong', 'invalid_auth'],
  ]) {
    const { client } = await connected(t, key);
    await assert.rejects(client.auth.test(), refused(error));
  }
  const { client } = await connected(t);
  assert.equal((await client.auth.test()).user_id, 'U0TUTTI');
});

test('a person is found by address and written to directly', async (t) => {
  const { client, tools } = await connected(t);
  const { user } = await client.users.lookupByEmail({ email: 'dana@tutti.example' });
  const first = await client.conversations.open({ users: user.id });
  const again = await client.conversations.open({ users: user.id });
  assert.equal(first.channel.id, again.channel.id);
  await client.chat.postMessage({ channel: user.id, text: 'hello' });
  assert.equal(tools.world().slack.channels[first.channel.id].messages[0].text, 'hello');
});

test('too many requests are answered with 429 and the seconds to wait', async (t) => {
  const { client, tools } = await connected(t);
  tools.faults.add({ tool: 'slack', effect: 'status', status: 429, retry_after: 5 });
  const post = () => client.chat.postMessage({ channel: 'C-ESC', text: 'x' });
  await assert.rejects(post(), { code: 'slack_webapi_rate_limited_error', retryAfter: 5 });
  assert.equal((await post()).ok, true);
});
