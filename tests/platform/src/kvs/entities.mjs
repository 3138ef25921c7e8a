/**
 * Custom entities as the manifest declares them: which attributes have which type, and which
 * indexes a query may use.
 * https://developer.atlassian.com/platform/forge/storage-reference/storage-api-custom-entities/
 */
import { attribute } from './conditions.mjs';
import { invalid } from './refusal.mjs';

const TYPES = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isInteger,
  float: (value) => typeof value === 'number',
  any: () => true,
};

export class Entities {
  /** @param {object[]} declared `app.storage.entities` */
  constructor(declared) {
    this.entities = new Map(
      declared.map((entity) => [
        entity.name,
        {
          attributes: entity.attributes,
          indexes: new Map((entity.indexes ?? []).map(normal).map((index) => [index.name, index])),
        },
      ]),
    );
  }

  get(name) {
    const entity = this.entities.get(name);
    if (!entity) throw invalid('ENTITY_NOT_FOUND', `the manifest declares no entity ${name}`);
    return entity;
  }

  /** @returns {{range?: string, partition: string[]}} */
  index(entityName, indexName) {
    if (indexName === 'by-key') return { partition: [] };
    const index = this.get(entityName).indexes.get(indexName);
    if (!index) throw invalid('INDEX_NOT_FOUND', `entity ${entityName} has no index ${indexName}`);
    return index;
  }

  check(entityName, value) {
    const { attributes } = this.get(entityName);
    if (typeof value !== 'object' || Array.isArray(value)) {
      throw invalid('INVALID_ENTITY', 'an entity is an object');
    }
    for (const [name, each] of Object.entries(value)) {
      if (!attributes[name]) {
        throw invalid('INVALID_ENTITY', `entity ${entityName} declares no attribute ${name}`);
      }
      if (each !== null && !TYPES[attributes[name].type](each)) {
        throw invalid(
          'INVALID_ENTITY',
          `${entityName}.${name} is not of type ${attributes[name].type}`,
        );
      }
    }
  }

  /** The SQL indexes that make the declared ones as fast as the real ones. */
  get ddl() {
    return [...this.entities]
      .flatMap(([entity, { indexes }]) =>
        [...indexes.values()].map((index) => {
          const columns = [...index.partition, index.range].filter(Boolean).map(attribute);
          const name = `record_${entity}_${index.name}`.replace(/\W/g, '_');
          return `CREATE INDEX IF NOT EXISTS ${name} ON record (${columns.join(', ')}, key)
        WHERE kind = 'entity' AND entity = '${entity}';`;
        }),
      )
      .join('\n');
  }
}

/** An index is a name, which is also its attribute, or has one range attribute and partitions. */
const normal = (index) =>
  typeof index === 'string'
    ? { name: index, range: index, partition: [] }
    : { name: index.name, range: index.range[0], partition: index.partition ?? [] };
