// Saves a run as a case file: all that is needed to replay it elsewhere, and nobody's name.

import Button from '@atlaskit/button/new';

import { exportRun } from '../api/panel';
import { useAction } from '../api/useAction';
import { Trouble } from '../parts/Trouble';
import { t } from '../words/words';
import { saveFile } from './saveFile';

export function ExportRun({ run }: { run: string }) {
  const { run: save, busy, error } = useAction(async () => saveFile(await exportRun(run)));
  return (
    <>
      <Button appearance="subtle" spacing="compact" isLoading={busy} onClick={() => void save()}>
        {t('panel.export')}
      </Button>
      {error ? <Trouble error={error} /> : null}
    </>
  );
}
