/**
 * The worlds that can be seeded, by name.
 */
import * as acme from './acme.mjs';
import * as trial from './acme-trial.mjs';

export const WORLDS = { acme, 'acme-trial': trial };
