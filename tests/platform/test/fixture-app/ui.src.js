/**
 * The page of the fixture, on the real @forge/bridge: it shows what each command answered.
 */
import {
  events,
  invoke,
  Modal,
  realtime,
  requestJira,
  router,
  showFlag,
  view,
} from '@forge/bridge';

const show = (name, value) => {
  const line = document.createElement('pre');
  line.id = name;
  line.textContent = JSON.stringify(value);
  document.body.append(line);
};
const attempt = async (work) => {
  try {
    return await work();
  } catch (error) {
    return { error: error.message };
  }
};

const context = await view.getContext();
if (context.extension.modal) {
  show('modal', context.extension.modal);
  document.body.addEventListener('click', () => view.close({ answer: 42 }));
} else {
  show('context', {
    issue: context.extension.issue?.key,
    project: context.extension.project?.key,
    account: context.accountId,
    theme: context.theme.colorMode,
  });
  await view.theme.enable();
  show('echo', await invoke('echo', { n: 1 }));
  show('refused', await attempt(() => invoke('nothing')));
  const { token } = await invoke('realtime', {
    channel: 'run-7',
    message: 'before',
    claims: { issue: '1' },
  });
  await realtime.subscribeGlobal('run-7', (event) => show('heard', event), { token });
  await realtime
    .subscribeGlobal('run-8', (event) => show('heard-untold', event), { token })
    .catch((error) => show('mismatch', error.message));
  const answer = await requestJira('/rest/api/3/myself');
  show('product', await answer.json());
  show('url', await router.getUrl({ target: 'issue', issueKey: 'PAY-88' }));
  await events.on('greeting', (payload) => show('event', payload));
  const history = await view.createHistory();
  history.listen((location) => show('moved', location.pathname));
  history.push('/flows/1');
  show('time', Math.abs(Date.now() - Date.parse('2026-03-10T09:00:00Z')) < 600_000);
  showFlag({ id: 'hello', title: 'Hello', description: 'from the app', type: 'success' });
  show('unmodelled', await attempt(() => globalThis.__bridge.callBridge('openSpaceship', {})));
  document.body.addEventListener('click', () =>
    new Modal({
      size: 'small',
      context: { view: 'confirm' },
      onClose: (payload) => show('closed', payload),
    }).open(),
  );
}
await view.emitReadyEvent();
show('ready', true);
