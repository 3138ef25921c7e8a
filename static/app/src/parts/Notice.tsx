// Something went wrong or deserves attention: what, what to do, and a way to do it.

import SectionMessage from '@atlaskit/section-message';
import type { ReactNode } from 'react';

type Props = {
  tone: 'error' | 'warning' | 'information' | 'success';
  title: string;
  children?: ReactNode;
};

export function Notice({ tone, title, children }: Props) {
  return (
    <div role={tone === 'error' ? 'alert' : undefined}>
      <SectionMessage appearance={tone} title={title}>
        {children ?? ''}
      </SectionMessage>
    </div>
  );
}
