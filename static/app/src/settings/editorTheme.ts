// The editor in the colours of the page, light and dark by the same tokens.

import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export const colours = HighlightStyle.define([
  {
    tag: [tags.propertyName, tags.definition(tags.propertyName)],
    color: 'var(--ds-text-accent-blue)',
  },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ds-text-accent-green)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--ds-text-accent-magenta)' },
  { tag: tags.keyword, color: 'var(--ds-text-accent-purple)' },
  { tag: tags.comment, color: 'var(--ds-text-subtle)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--ds-text-danger)' },
]);

const MONO = 'var(--ds-font-family-code, ui-monospace, monospace)';

/** As specific as CodeMirror's own rule for the selection of a focused editor. */
const SELECTED =
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, ' +
  '.cm-selectionBackground';

export const looks = EditorView.theme({
  '&': {
    height: '560px',
    border: '1px solid var(--ds-border-input)',
    borderRadius: 'var(--ds-radius-medium)',
    color: 'var(--ds-text)',
    backgroundColor: 'var(--ds-surface)',
    fontSize: '13px',
    overflow: 'hidden',
  },
  '&.cm-focused': { outline: '2px solid var(--ds-border-focused)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: MONO, lineHeight: '20px' },
  '.cm-content': { caretColor: 'var(--ds-text)' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--ds-text)' },
  '.cm-gutters': {
    color: 'var(--ds-text-subtle)',
    backgroundColor: 'var(--ds-surface-sunken)',
    borderRight: '1px solid var(--ds-border)',
  },
  '.cm-activeLine': { backgroundColor: 'var(--ds-background-neutral-subtle-hovered)' },
  [SELECTED]: { backgroundColor: 'var(--ds-background-selected-hovered)' },
  // The default marks are `data:` images; underlines need none.
  '.cm-lintRange': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy',
    textUnderlineOffset: '3px',
  },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecorationColor: 'var(--ds-icon-danger)' },
  '.cm-lintRange-warning': {
    backgroundImage: 'none',
    textDecorationColor: 'var(--ds-icon-warning)',
  },
  '.cm-lint-marker': { width: '10px', height: '10px', margin: '5px 2px', borderRadius: '50%' },
  '.cm-lint-marker-error': { content: 'none', backgroundColor: 'var(--ds-icon-danger)' },
  '.cm-lint-marker-warning': { content: 'none', backgroundColor: 'var(--ds-icon-warning)' },
  '.cm-tooltip': {
    border: '1px solid var(--ds-border)',
    borderRadius: 'var(--ds-radius-medium)',
    color: 'var(--ds-text)',
    backgroundColor: 'var(--ds-surface-overlay)',
    boxShadow: 'var(--ds-shadow-overlay)',
    font: 'var(--ds-font-body-small)',
  },
});
