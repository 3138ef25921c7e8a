// What a YAML text says, as JSON, by the same rules as the `tutti` command reads it with
// (crates/tutti-cli/src/document/node.rs): tests/yaml/cases.json holds both to one meaning.

import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Alias,
  type Document,
  type Node,
  type Scalar,
} from 'yaml';

import { t, type Values, type Word } from '../words/words';

/** Why a text says nothing that could be a flow, and where: offsets of characters. */
export class Unsaid extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string,
    readonly at: [from: number, to: number],
  ) {
    super(message);
  }
}

/** How deep a document may be nested. */
const DEPTH_MAX = 128;
/** How much a document may say with its aliases spelled out: one for each value, and its letters. */
const SAID_MAX = 4_000_000;

type Named = { node: Node; value: unknown; said: number };

/** What the nodes of a text say, read in their order, and what its aliases stand for. */
export class Reader {
  readonly targets = new Map<Alias, Node>();
  private readonly named = new Map<string, Named>();
  private said = 0;

  /** Throws an `Unsaid` at the first place that JSON cannot say. */
  read(parsed: Document): unknown {
    return this.node(parsed.contents, 0);
  }

  private node(node: unknown, depth: number): unknown {
    if (depth > DEPTH_MAX) throw unsaid('too_deep', node);
    if (isAlias(node)) return this.alias(node);
    const before = this.said;
    this.said += 1;
    if (isTagged(node)) throw unsaid('yaml_tag', node);
    const value = this.content(node, depth);
    this.within(node);
    this.remember(node, value, this.said - before);
    return value;
  }

  private content(node: unknown, depth: number): unknown {
    if (isSeq(node)) return node.items.map((item) => this.node(item, depth + 1));
    if (isMap(node)) {
      const members = new Map<string, unknown>();
      for (const { key, value } of node.items) {
        const name = this.name(key);
        if (members.has(name)) throw unsaid('yaml_twice', key, { name });
        members.set(name, this.node(value, depth + 1));
      }
      return Object.fromEntries(members);
    }
    if (!isScalar(node)) return null;
    const { value } = node;
    if (typeof value === 'string') this.said += value.length;
    if (typeof value !== 'number') return value;
    if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) throw unsaid('yaml_number', node);
    // There is no -0 in what is sent.
    return value === 0 ? 0 : value;
  }

  /** A name is its text as it stands. */
  private name(key: unknown): string {
    if (isTagged(key)) throw unsaid('yaml_tag', key);
    if (!isScalar(key)) throw unsaid('yaml_name', key);
    const name = written(key);
    if (key.type === 'PLAIN' && name === '<<') throw unsaid('yaml_merge', key);
    if (key.type === 'PLAIN' && (name === '' || name === '~')) throw unsaid('yaml_name', key);
    this.said += name.length;
    this.remember(key, name, name.length);
    return name;
  }

  private remember(node: unknown, value: unknown, said: number): void {
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor) this.named.set(anchor, { node: node as Node, value, said });
  }

  private alias(alias: Alias): unknown {
    const named = this.named.get(alias.source);
    if (!named) throw unsaid('yaml_alias', alias, { name: alias.source });
    this.targets.set(alias, named.node);
    this.said += named.said;
    this.within(alias);
    return named.value;
  }

  private within(node: unknown): void {
    if (this.said > SAID_MAX) throw unsaid('yaml_too_much', node);
  }
}

/** YAML's printable characters; a carriage return ends a line only with a line feed. */
export function checkCharacters(text: string): void {
  const found = UNPRINTABLE.exec(text);
  if (!found) return;
  const code = found[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  const { index } = found;
  throw new Unsaid(
    'yaml_character',
    t('editor.yaml_character', { code }),
    t('editor.yaml_character_hint'),
    [index, index + 1],
  );
}

const UNPRINTABLE =
  // eslint-disable-next-line no-control-regex
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]|\r(?!\n)|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

const isTagged = (node: unknown): boolean =>
  (isScalar(node) || isMap(node) || isSeq(node)) && node.tag !== undefined;

const written = (key: Scalar): string =>
  key.type === 'PLAIN' ? (key.source ?? '') : String(key.value);

function unsaid(code: string, node: unknown, values: Values = {}): Unsaid {
  const range = (node as Node | null)?.range;
  const word = `editor.${code}` as Word;
  const hint = `editor.${code}_hint` as Word;
  return new Unsaid(code, t(word, values), t(hint, values), range ? [range[0], range[1]] : [0, 0]);
}
