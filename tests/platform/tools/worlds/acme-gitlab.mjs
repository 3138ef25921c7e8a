/**
 * GitLab in the world `acme`: the project of the gateway, with the fix in merge request !913.
 */

const BEN = 7;
const MIRA = 8;
const BOT = 9001;
const PATH = 'tutti-shop/checkout-gateway';
const URL_ = `https://gitlab.com/${PATH}`;
const SHA = '9f3c2ab6d1e04c7785aa10f4be62c3d9e8771f05';

export function seedGitlab(forge, { token }) {
  forge.users.put(BEN, { id: BEN, name: 'Ben Okafor', username: 'ben' });
  forge.users.put(MIRA, { id: MIRA, name: 'Mira Novak', username: 'mira' });
  forge.users.put(BOT, { id: BOT, name: 'Tutti', username: 'project_42_bot_tutti' });
  forge.tokens.put(token, { user_id: BOT });
  forge.projects.put(42, {
    id: 42,
    name: 'checkout-gateway',
    description: 'The gateway in front of checkout.',
    path: 'checkout-gateway',
    path_with_namespace: PATH,
    namespace: { id: 11, name: 'Tutti Shop', path: 'tutti-shop', kind: 'group' },
    default_branch: 'main',
    visibility: 'private',
    web_url: URL_,
    http_url_to_repo: `${URL_}.git`,
    git_ssh_url: `git@gitlab.com:${PATH}.git`,
    created_at: '2023-01-09T09:00:00.000Z',
  });
  mergeRequest(forge, {
    id: 700_913, iid: 913, title: 'fix gateway pool leak', sha: SHA,
    description: 'Gives connections back to the pool when the upstream times out.\n\nFixes PAY-88.',
    state: 'opened', source_branch: 'fix/pool-leak', labels: ['bug', 'gateway'], author_id: BEN,
    created_at: '2026-03-10T07:20:00.000Z', updated_at: '2026-03-10T08:52:00.000Z',
  });
  mergeRequest(forge, {
    id: 700_909, iid: 909, title: 'gateway: log the pool size', sha: `1b${SHA.slice(2)}`,
    description: 'Makes the pool visible.\n\nRelates to PAY-79.',
    state: 'opened', source_branch: 'log-pool-size', labels: ['gateway'], author_id: MIRA,
    created_at: '2026-03-06T13:00:00.000Z', updated_at: '2026-03-06T13:00:00.000Z',
  });
  pipelines(forge);
  deployment(forge, 60_411, 'v4.11.0', '4a7d', '2026-02-17T06:00:00.000Z');
  deployment(forge, 60_412, 'v4.12.0', '77aa', '2026-03-10T06:10:00.000Z');
}

function mergeRequest(forge, held) {
  forge.mergeRequests.put(`42/${held.iid}`, {
    project_id: 42, target_branch: 'main', merged_at: null, merged_by_id: null, closed_at: null,
    merge_commit_sha: null, ...held,
  });
}

function pipelines(forge) {
  const held = {
    project_id: 42, ref: 'refs/merge-requests/913/head', source: 'merge_request_event',
    merge_request_iid: 913, user_id: BEN,
  };
  forge.pipelines.put(4990, {
    ...held, id: 4990, iid: 1873, sha: `0c${SHA.slice(2)}`, status: 'failed', coverage: '84.1',
    created_at: '2026-03-10T07:25:00.000Z', started_at: '2026-03-10T07:25:10.000Z',
    updated_at: '2026-03-10T07:41:00.000Z', finished_at: '2026-03-10T07:41:00.000Z', duration: 950,
  });
  forge.pipelines.put(5001, {
    ...held, id: 5001, iid: 1884, sha: SHA, status: 'running', coverage: null,
    created_at: '2026-03-10T08:52:00.000Z', started_at: '2026-03-10T08:52:10.000Z',
    updated_at: '2026-03-10T08:52:10.000Z', finished_at: null, duration: null,
  });
}

function deployment(forge, id, ref, sha, at) {
  forge.deployments.put(id, {
    id,
    iid: id - 60_000,
    project_id: 42,
    ref,
    sha: sha.padEnd(40, '0'),
    status: 'success',
    created_at: at,
    updated_at: at,
    user_id: MIRA,
    environment: {
      id: 12, name: 'production', slug: 'production', external_url: 'https://shop.tutti.example',
    },
    deployable: null,
  });
}
