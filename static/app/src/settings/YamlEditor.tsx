// A text editor for YAML with line numbers, colours and marks where something is wrong.

import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { forwardRef, useEffect, useImperativeHandle, useRef } from 'react';

import { t } from '../words/words';
import { colours, looks } from './editorTheme';

export type Editor = { jump: (place: { from: number }) => void };
type Props = {
  /** What stands there first. From then on the editor has the text, and tells of each change. */
  start: string;
  diagnostics: Diagnostic[];
  onEdit: (text: string) => void;
};

export const YamlEditor = forwardRef<Editor, Props>(function YamlEditor(
  { start, diagnostics, onEdit },
  ref,
) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const edited = useRef(onEdit);
  edited.current = onEdit;
  const first = useRef(start);

  useEffect(() => {
    if (!host.current) return undefined;
    // In a shadow root CodeMirror adopts constructed stylesheets, which the content policy allows;
    // in the document itself it would insert a <style> tag, which it does not.
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' });
    const made = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: first.current,
        extensions: extensions((text) => edited.current(text)),
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);

  useEffect(() => {
    const { current } = view;
    if (!current) return;
    const end = current.state.doc.length;
    const within = diagnostics.filter(({ from, to }) => from <= end && to <= end);
    current.dispatch(setDiagnostics(current.state, within));
  }, [diagnostics]);

  useImperativeHandle(
    ref,
    () => ({
      jump({ from }) {
        const { current } = view;
        if (!current) return;
        const anchor = Math.min(from, current.state.doc.length);
        current.dispatch({
          selection: { anchor },
          effects: EditorView.scrollIntoView(anchor, { y: 'center' }),
        });
        current.focus();
      },
    }),
    [],
  );

  return <div ref={host} />;
});

const extensions = (onEdit: (text: string) => void) => [
  lineNumbers(),
  lintGutter(),
  history(),
  drawSelection(),
  highlightActiveLine(),
  bracketMatching(),
  indentUnit.of('  '),
  yaml(),
  syntaxHighlighting(colours),
  keymap.of([...defaultKeymap, ...historyKeymap]),
  EditorView.lineWrapping,
  EditorView.contentAttributes.of({ 'aria-label': t('editor.label'), tabindex: '0' }),
  EditorView.updateListener.of((update) => {
    if (update.docChanged) onEdit(update.state.doc.toString());
  }),
  looks,
];
