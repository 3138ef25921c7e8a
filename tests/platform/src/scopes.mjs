/**
 * Which scopes each product endpoint needs, as the vendors' own contracts say; without them on this
 * machine nothing is checked.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export class Scopes {
  /** @param {string | undefined} contracts the folder with the contracts */
  constructor(contracts) {
    this.contracts = contracts;
    this.endpoints = {};
  }

  /**
   * @returns {Promise<{template: string, scopes: string[], granular: string[]} | undefined>}
   *   undefined for an endpoint no contract knows
   */
  async endpoint(product, method, path) {
    this.endpoints[product] ??= this.load(product);
    const parts = path.split('/');
    return this.endpoints[product].find(
      (each) => each.method === method && fits(each.parts, parts),
    );
  }

  load(product) {
    const read = (name) => {
      const file = this.contracts && join(this.contracts, name);
      return file && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
    };
    const found =
      product === 'jira'
        ? jira(read('jira-v3-scopes.json'))
        : confluence(read('confluence-v2.json'));
    // `/search/jql` before `/search/{id}`: the more literal template wins.
    const holes = ({ parts }) => parts.filter((part) => part.startsWith('{')).length;
    return found.sort((a, b) => holes(a) - holes(b));
  }
}

const endpoint = (method, template, scopes, granular = []) => ({
  method,
  template,
  parts: template.split('/'),
  scopes,
  granular,
});

const jira = (file = {}) =>
  Object.entries(file).map(([name, { classic, granular }]) => {
    const [method, template] = name.split(' ');
    return endpoint(method, template, classic ?? granular ?? [], granular ?? []);
  });

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];
const confluence = (file = { paths: {} }) =>
  Object.entries(file.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => {
      const scopes = (item[method]['x-atlassian-oauth2-scopes'] ?? []).flatMap(
        (each) => each.scopes,
      );
      return endpoint(method.toUpperCase(), `/wiki/api/v2${path}`, [...new Set(scopes)]);
    }),
  );

const fits = (template, parts) =>
  template.length === parts.length &&
  template.every((part, n) => part === parts[n] || (part.startsWith('{') && parts[n] !== ''));
