/**
 * The Salesforce org itself: its records, and the rules for reading and writing them that every
 * door (REST, query, Composite, a person at the screen) goes through.
 */
import { Refusal } from '../reply.mjs';
import { SCHEMA } from './schema.mjs';

export const INSTANCE = 'https://acme.my.salesforce.com';

/**
 * Salesforce's error body: a list of {message, errorCode}.
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
 */
export const refusal = (status, errorCode, message, more = {}, headers = {}) =>
  new Refusal(status, [{ message, errorCode, ...more }], headers);

export const notFound = () =>
  refusal(404, 'NOT_FOUND', 'The requested resource does not exist');

const TYPES = {
  string: (value) => typeof value === 'string',
  reference: (value) => typeof value === 'string',
  picklist: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  date: (value) => /^\d{4}-\d\d-\d\d$/.test(value),
  datetime: (value) => !Number.isNaN(Date.parse(value)),
};

export class Org {
  constructor(world) {
    this.world = world;
    this.records = world.collection('salesforce.record');
    this.sessions = world.collection('salesforce.session');
    this.apps = world.collection('salesforce.app');
  }

  /** Salesforce writes `2026-03-10T09:00:00.000+0000`. */
  time(at = this.world.now()) {
    return new Date(at).toISOString().replace('Z', '+0000');
  }

  all(object) {
    return this.records.list((record) => record.object === object).map(({ fields }) => fields);
  }

  find(object, id) {
    const record = this.records.get(id);
    return record?.object === object ? record.fields : undefined;
  }

  schema(object) {
    const schema = SCHEMA[object];
    if (!schema) throw notFound();
    return schema;
  }

  read(object, id) {
    this.schema(object);
    const record = this.find(object, id);
    if (!record) {
      throw refusal(404, 'NOT_FOUND', 'Provided external ID field does not exist or is not ' +
        `accessible: ${id}`);
    }
    return record;
  }

  /** Refuses fields the object does not have, or values they cannot hold. */
  check(object, values) {
    const { fields } = this.schema(object);
    for (const [name, value] of Object.entries(values)) {
      const field = fields[name];
      if (!field) {
        const message = `No such column '${name}' on sobject of type ${object}`;
        throw refusal(400, 'INVALID_FIELD', message);
      }
      if (field.readonly) {
        const message = `Unable to create/update fields: ${name}. Please check the security ` +
          'settings of this field and verify that it is read/write for your profile.';
        throw refusal(400, 'INVALID_FIELD_FOR_INSERT_UPDATE', message, { fields: [name] });
      }
      if (value !== null) this.checkValue(name, field, value);
    }
  }

  checkValue(name, field, value) {
    if (!TYPES[field.type](value)) {
      throw refusal(400, 'JSON_PARSER_ERROR', `Cannot deserialize ${name} from ${typeof value}`);
    }
    if (field.length && value.length > field.length) {
      const most = `max length=${field.length}`;
      throw refusal(400, 'STRING_TOO_LONG', `${name}: data value too large (${most})`, {
        fields: [name],
      });
    }
    if (field.values && !field.values.includes(value)) {
      const what = `bad value for restricted picklist field: ${value}`;
      throw refusal(400, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', `${name}: ${what}`, {
        fields: [name],
      });
    }
    if (field.to && !this.find(field.to, value)) {
      throw refusal(400, 'INVALID_CROSS_REFERENCE_KEY', `invalid cross reference id: ${name}`, {
        fields: [name],
      });
    }
  }

  /** Makes a record; its id. */
  create(object, values, userId) {
    const { fields, prefix } = this.schema(object);
    this.check(object, values);
    const missing = Object.keys(fields).filter((name) =>
      fields[name].required && (values[name] ?? null) === null);
    if (missing.length > 0) {
      const list = missing.join(', ');
      throw refusal(400, 'REQUIRED_FIELD_MISSING', `Required fields are missing: [${list}]`, {
        fields: missing,
      });
    }
    const serial = String(this.records.next(1)).padStart(6, '0');
    const id = `${prefix}8d00000${serial}AAA`.slice(0, 18);
    this.keep(object, { ...values, Id: id }, userId);
    return id;
  }

  update(object, id, values, userId) {
    const held = this.read(object, id);
    this.check(object, values);
    this.keep(object, { ...held, ...values }, userId);
  }

  delete(object, id) {
    this.read(object, id);
    this.records.delete(id);
  }

  /** Stores a record with all its fields and the stamps of who and when. */
  keep(object, values, userId, now = this.time()) {
    const blank = Object.fromEntries(Object.entries(SCHEMA[object].fields).map(([name, field]) =>
      [name, field.type === 'boolean' ? false : null]));
    const fields = {
      ...blank,
      CreatedDate: now,
      CreatedById: userId,
      ...values,
      LastModifiedDate: now,
      LastModifiedById: userId,
      SystemModstamp: now,
    };
    if (object === 'Case') fields.IsClosed = fields.Status === 'Closed';
    this.records.put(fields.Id, { object, fields });
  }
}
