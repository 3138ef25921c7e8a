/**
 * The offline scripted model's answers: data files, one per world, by decision and attempt.
 *
 * Like a model, it reads what it is asked: quotes are picked out of the prompt by pattern, so that
 * evidence is literally there or missing, and the answer is cut to the shape the request asks for.
 */
import { readFileSync } from 'node:fs';

import { parse } from 'yaml';

const scripts = new Map();

/** The script of a world; none for a world nobody has written one for. */
export function script(world) {
  if (!scripts.has(world)) {
    const file = new URL(`../scripts/${world}.yaml`, import.meta.url);
    scripts.set(world, parse(readFileSync(file, 'utf8')));
  }
  return scripts.get(world);
}

/**
 * The entry for one attempt at a decision: `answer`, `text`, or `status` for a failure.
 * @param {object} decisions  a script
 */
export function entry(decisions, decision, attempt) {
  const attempts = decisions?.[decision];
  return attempts?.[attempt] ?? attempts?.any;
}

/** Fills a template: `{pick: pattern}` becomes what the pattern finds in the prompt. */
export function fill(template, prompt) {
  if (Array.isArray(template)) return template.map((item) => fill(item, prompt));
  if (template === null || typeof template !== 'object') return template;
  if ('pick' in template) return pick(template, prompt);
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) => [name, fill(value, prompt)]));
}

function pick({ pick: pattern, otherwise = '' }, prompt) {
  const match = new RegExp(pattern, 'u').exec(prompt);
  return match ? (match[1] ?? match[0]) : otherwise;
}

/** Fits an answer to a JSON Schema: what was not asked for is not said. */
export function fit(value, schema = {}) {
  const [asked] = (schema.anyOf ?? [schema]).filter(({ type }) => type !== 'null');
  if (asked.properties && value !== null && typeof value === 'object') return members(value, asked);
  const list = isOf(asked, 'array');
  if (Array.isArray(value)) {
    return list || !isOf(asked, 'string')
      ? value.map((item) => fit(item, asked.items))
      : value.join(' ');
  }
  return list && value !== null ? [fit(value, asked.items)] : value;
}

/** The members a schema knows; in a strict one, what is optional must be there as null. */
function members(value, { properties }) {
  const said = Object.entries(properties)
    .filter(([name, below]) => name in value || nullable(below))
    .map(([name, below]) => [name, name in value ? fit(value[name], below) : null]);
  return Object.fromEntries(said);
}

const isOf = ({ type }, wanted) => [type].flat().includes(wanted);
const nullable = (schema) => (schema.anyOf ?? [schema]).some((each) => isOf(each, 'null'));
