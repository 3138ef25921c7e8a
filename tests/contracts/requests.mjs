/** The requests the connectors make, told by the crate itself so that they are never stale. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @typedef {{ operation: string, scopes: string[], request: {
 *   target: 'jira' | 'confluence' | 'outside', method: string, url: string,
 *   headers: Record<string, string>, body: string | null } }} Made
 */

/** The command that makes them, built with all the rest so that nothing is compiled twice. */
function built() {
  const build = ['build', '--quiet', '--workspace', '--example', 'requests'];
  const { status, stderr } = spawnSync('cargo', build, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the crate was not built: ${stderr}`);
  return join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug/examples/requests');
}

/**
 * The requests of every operation's example, or of the given calls.
 * @param {object[]} [calls]
 * @returns {Made[]}
 */
export function requests(calls) {
  const { status, stdout, stderr } = spawnSync(built(), calls ? ['-'] : [], {
    cwd: root,
    input: calls && JSON.stringify(calls),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`the crate told no requests: ${stderr}`);
  const made = JSON.parse(stdout);
  const failed = made.find(({ failure }) => failure);
  if (failed) throw new Error(`${failed.operation}: ${JSON.stringify(failed.failure)}`);
  return made;
}
