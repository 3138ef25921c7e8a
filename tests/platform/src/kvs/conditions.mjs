/**
 * The conditions of queries and transactions, as SQL over a column that holds JSON.
 */
import { Refusal, invalid } from './refusal.mjs';

const NAME = /^[a-zA-Z][a-zA-Z0-9_]*$/;

/** The SQL for one attribute of the stored value. */
export function attribute(name) {
  if (!NAME.test(name)) throw invalid('INVALID_ATTRIBUTE', `not an attribute: ${name}`);
  return `json_extract(value, '$.${name}')`;
}

const present = (x) => `${x} IS NOT NULL`;
const CONDITIONS = {
  EQUAL_TO: (x) => `${x} = ?`,
  NOT_EQUAL_TO: (x) => `${x} IS NOT ?`,
  GREATER_THAN: (x) => `${x} > ?`,
  GREATER_THAN_EQUAL_TO: (x) => `${x} >= ?`,
  LESS_THAN: (x) => `${x} < ?`,
  LESS_THAN_EQUAL_TO: (x) => `${x} <= ?`,
  BETWEEN: (x) => `${x} BETWEEN ? AND ?`,
  BEGINS_WITH: (x) => `substr(${x}, 1, length(?1)) = ?1`,
  CONTAINS: (x) => `instr(${x}, ?) > 0`,
  NOT_CONTAINS: (x) => `instr(${x}, ?) = 0`,
  EXISTS: present,
  NOT_EXISTS: (x) => `${x} IS NULL`,
};
const RANGES = new Set([
  'BEGINS_WITH',
  'BETWEEN',
  'EQUAL_TO',
  'GREATER_THAN',
  'GREATER_THAN_EQUAL_TO',
  'LESS_THAN',
  'LESS_THAN_EQUAL_TO',
]);

/** @returns {{sql: string, params: unknown[]}} */
export function condition(expression, { condition: name, values = [] }, allowed) {
  const build = CONDITIONS[name];
  if (!build || (allowed && !allowed.has(name))) {
    throw new Refusal(501, 'UNKNOWN_CONDITION', `the stand-in has no condition ${name} here`);
  }
  if (name === 'EXISTS' || name === 'NOT_EXISTS') return { sql: build(expression), params: [] };
  if (values.length !== (name === 'BETWEEN' ? 2 : 1)) {
    throw invalid('INVALID_CONDITION', `${name} has ${values.length} values`);
  }
  const params = name === 'BEGINS_WITH' ? [values[0], values[0]] : values;
  return { sql: build(expression).replaceAll('?1', '?'), params };
}

export const range = (expression, wanted) => condition(expression, wanted, RANGES);

/** `{and: […]}` or `{or: […]}` over attributes. */
export function filter(filters, known) {
  const [[operator, list] = [], ...more] = Object.entries(filters);
  if (!['and', 'or'].includes(operator) || more.length > 0 || !Array.isArray(list)) {
    throw invalid('INVALID_FILTER', 'filters are one of and, or');
  }
  if (list.length > 100) throw invalid('INVALID_FILTER', 'more than 100 conditions');
  const parts = list.map((each) => {
    if (!known(each.property)) {
      throw invalid('INVALID_FILTER', `attribute ${each.property} is not declared`);
    }
    return condition(attribute(each.property), each);
  });
  return {
    sql: `(${parts.map(({ sql }) => sql).join(operator === 'and' ? ' AND ' : ' OR ')})`,
    params: parts.flatMap(({ params }) => params),
  };
}
