/**
 * A process that is killed the moment it has its answer: `node killed.mjs <database file>`.
 */
import Database from 'libsql';

import { begin, doc } from './world.mjs';

const { jira } = begin({ db: new Database(process.argv[2]) });
const { status } = await jira('POST', '/rest/api/3/issue/PAY-88/comment', { body: doc('kept') });
if (status === 201) process.kill(process.pid, 'SIGKILL');
