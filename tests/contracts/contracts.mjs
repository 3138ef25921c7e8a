/** Finds other people's contracts; they are not part of this repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import YAML from 'yaml';

const beside = fileURLToPath(new URL('../../../shared/contracts', import.meta.url));
const folder = process.env.TUTTI_CONTRACTS ?? beside;

/** Why tests that need the contracts are skipped, or `false` where they are at hand. */
export const skip = existsSync(folder)
  ? false
  : 'no contracts: neither TUTTI_CONTRACTS nor ../shared/contracts';

/**
 * The content of one contract.
 * @param {string} name file name, JSON or YAML
 */
export function contract(name) {
  const text = readFileSync(join(folder, name), 'utf8');
  return name.endsWith('.json') ? JSON.parse(text) : YAML.parse(text);
}

/** The files of a folder of contracts. */
export function files(name) {
  return readdirSync(join(folder, name)).sort();
}
