/**
 * The objects of the simulated org: which fields they have, of what type, and who may write them.
 * Standard ones: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/
 * The custom ones (`…__c`) are what an admin adds for Tutti and what the scenarios ask for.
 */

const string = (length = 255) => ({ type: 'string', length });
const id = (to) => ({ type: 'reference', to });
const picklist = (...values) => ({ type: 'picklist', values });
const number = { type: 'number' };
const boolean = { type: 'boolean' };
const readonly = (field) => ({ ...field, readonly: true });

const SYSTEM = {
  Id: readonly(string(18)),
  CreatedDate: readonly({ type: 'datetime' }),
  LastModifiedDate: readonly({ type: 'datetime' }),
  LastModifiedById: readonly(id('User')),
  CreatedById: readonly(id('User')),
  SystemModstamp: readonly({ type: 'datetime' }),
  IsDeleted: readonly(boolean),
};

export const SCHEMA = {
  Account: {
    prefix: '001',
    fields: {
      ...SYSTEM,
      Name: { ...string(), required: true },
      Type: string(),
      Industry: string(),
      OwnerId: id('User'),
      Tier__c: picklist('Enterprise', 'Premium', 'Standard'),
      ARR__c: number,
      Is_Trial__c: boolean,
    },
  },
  Case: {
    prefix: '500',
    fields: {
      ...SYSTEM,
      CaseNumber: readonly(string(30)),
      Subject: string(),
      Description: string(32_000),
      Status: picklist('New', 'Working', 'Queued', 'Escalated',
        'Waiting on customer', 'Solution offered', 'Closed'),
      Priority: picklist('High', 'Medium', 'Low'),
      Origin: picklist('Phone', 'Email', 'Web'),
      AccountId: id('Account'),
      ContactId: id('Contact'),
      OwnerId: id('User'),
      EntitlementId: id('Entitlement'),
      IsEscalated: boolean,
      IsClosed: readonly(boolean),
      ClosedDate: readonly({ type: 'datetime' }),
      Jira_Key__c: string(40),
      Tutti_Run__c: string(120),
    },
  },
  CaseComment: {
    prefix: '00a',
    fields: {
      ...SYSTEM,
      ParentId: { ...id('Case'), required: true },
      CommentBody: string(4_000),
      IsPublished: boolean,
    },
  },
  Contact: {
    prefix: '003',
    fields: {
      ...SYSTEM,
      AccountId: id('Account'),
      LastName: { ...string(80), required: true },
      FirstName: string(40),
      Email: string(80),
    },
  },
  Entitlement: {
    prefix: '550',
    fields: {
      ...SYSTEM,
      Name: { ...string(), required: true },
      AccountId: { ...id('Account'), required: true },
      Type: string(),
      Status: readonly(string()),
      StartDate: { type: 'date' },
      EndDate: { type: 'date' },
      First_Response_Minutes__c: number,
    },
  },
  User: {
    prefix: '005',
    fields: {
      ...SYSTEM,
      Username: string(),
      Name: readonly(string()),
      FirstName: string(40),
      LastName: { ...string(80), required: true },
      Email: string(128),
      IsActive: boolean,
    },
  },
};

/** The object and the field a relationship such as `Owner` leads through, if there is one. */
export function relationship(object, name) {
  const field = name.endsWith('__r') ? name.replace(/__r$/, '__c') : `${name}Id`;
  const to = SCHEMA[object].fields[field]?.to;
  return to && { field, to };
}
