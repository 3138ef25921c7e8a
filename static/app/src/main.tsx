// Starts the page: asks the host where it is, and loads what belongs there.

import './page.css';

import { view } from '@forge/bridge';
import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';

import { Boundary } from './parts/Boundary';
import { MomentsProvider } from './words/MomentsContext';
import { createMoments } from './words/moments';
import { t } from './words/words';

/** One lazy chunk per module of the manifest. */
const PLACES = {
  'jira:issuePanel': lazy(() => import('./panel/PanelPage')),
  'jira:projectSettingsPage': lazy(() => import('./settings/SettingsPage')),
  'jira:adminPage': lazy(() => import('./admin/AdminPage')),
};

const isPlace = (type: unknown): type is keyof typeof PLACES =>
  typeof type === 'string' && type in PLACES;

async function start(root: HTMLElement): Promise<void> {
  const [context] = await Promise.all([
    view.getContext(),
    view.theme.enable().catch(() => undefined),
  ]);
  const { locale, timezone } = context as { locale?: string; timezone?: string };
  const type = (context.extension as { type?: unknown } | undefined)?.type;
  const Page = isPlace(type) ? PLACES[type] : () => <p>{t('app.unknown_place')}</p>;
  createRoot(root).render(
    <StrictMode>
      <MomentsProvider
        value={createMoments(locale?.replace('_', '-') ?? 'en-US', timezone ?? 'UTC')}
      >
        <Boundary>
          <Suspense fallback={null}>
            <Page />
          </Suspense>
        </Boundary>
      </MomentsProvider>
    </StrictMode>,
  );
}

const root = document.getElementById('root');
if (root) void start(root);
