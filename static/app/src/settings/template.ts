// Ready flows a project can start from: the files of `templates/` at the top of the repository.

import { parse } from 'yaml';

import { isObject } from '../words/changes';

export type Template = {
  id: string;
  name: string;
  about: string;
  source: string;
  systems: string[];
};

const FILES = import.meta.glob<string>('../../../../templates/*.yaml', {
  query: '?raw',
  import: 'default',
  eager: true,
});

export const TEMPLATES: Template[] = Object.values(FILES).map(readTemplate);

export function readTemplate(source: string): Template {
  const document: unknown = parse(source);
  const { id, name, about } = isObject(document) ? document : {};
  return {
    id: String(id ?? ''),
    name: String(name ?? id ?? ''),
    about: typeof about === 'string' ? about : firstComment(source),
    source,
    systems: [...new Set(systemsIn(document))],
  };
}

/** The comment a file opens with says what it is for. */
function firstComment(source: string): string {
  const lines = source.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^#\s?/, ''))
    .join(' ')
    .trim();
}

/** The systems a flow speaks to, in the order it names them. */
function systemsIn(node: unknown, key = ''): string[] {
  if (typeof node === 'string') {
    return ['use', 'call', 'to', 'webhook', 'event'].includes(key) && /^\w+\.\w/.test(node)
      ? [node.split('.')[0]!]
      : [];
  }
  if (Array.isArray(node)) return node.flatMap((item) => systemsIn(item, key));
  if (!isObject(node)) return [];
  return Object.entries(node).flatMap(([name, value]) =>
    name === 'decide' || name === 'agent'
      ? ['model', ...systemsIn(value, name)]
      : systemsIn(value, name),
  );
}

/** What must be connected before the flow can run. */
export const needs = ({ systems }: Template): string[] =>
  systems.filter((system) => !['jira', 'confluence', 'tutti', 'person'].includes(system));

export const BLANK = `id: my-flow
name: My flow
trigger:
steps:
`;
