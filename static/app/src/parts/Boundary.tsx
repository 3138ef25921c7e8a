// Keeps a page that meets a fault of its own from going blank: it says so, and can be shown anew.

import Button from '@atlaskit/button/new';
import { Component, type ReactNode } from 'react';

import { t } from '../words/words';
import { Notice } from './Notice';

type Props = { children: ReactNode };
type State = { fault: string | null };

export class Boundary extends Component<Props, State> {
  override state: State = { fault: null };

  static getDerivedStateFromError(thrown: unknown): State {
    return { fault: thrown instanceof Error ? thrown.message : String(thrown) };
  }

  override render() {
    const { fault } = this.state;
    if (fault === null) return this.props.children;
    return (
      <main>
        <Notice tone="error" title={t('app.fault')}>
          <p>{t('app.fault_hint', { fault })}</p>
          <Button spacing="compact" onClick={() => this.setState({ fault: null })}>
            {t('app.show_anew')}
          </Button>
        </Notice>
      </main>
    );
  }
}
