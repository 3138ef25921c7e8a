// Tabs whose choice lives in the page's route, so that a tab can be linked to.

import { useId, useRef, type KeyboardEvent, type ReactNode } from 'react';

import styles from './Tabs.module.css';

type Tab = { id: string; title: string };
type Props = {
  label: string;
  tabs: Tab[];
  shown: string;
  onChoose: (id: string) => void;
  children: ReactNode;
};

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 };

export function Tabs({ label, tabs, shown, onChoose, children }: Props) {
  const base = useId();
  const list = useRef<HTMLDivElement>(null);

  // https://www.w3.org/WAI/ARIA/apg/patterns/tabs/
  function onKeyDown({ key }: KeyboardEvent) {
    const step = STEPS[key];
    const here = tabs.findIndex(({ id }) => id === shown);
    const next = step === undefined ? undefined : tabs[(here + step + tabs.length) % tabs.length];
    if (!next) return;
    onChoose(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  }

  return (
    <>
      <div
        ref={list}
        role="tablist"
        aria-label={label}
        className={styles.list}
        onKeyDown={onKeyDown}
      >
        {tabs.map(({ id, title }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`${base}-${id}`}
            data-tab={id}
            aria-selected={id === shown}
            aria-controls={id === shown ? `${base}-panel` : undefined}
            tabIndex={id === shown ? 0 : -1}
            onClick={() => onChoose(id)}
          >
            {title}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${base}-panel`}
        aria-labelledby={`${base}-${shown}`}
        className={styles.panel}
      >
        {children}
      </div>
    </>
  );
}
