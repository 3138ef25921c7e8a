/**
 * Salesforce in the world `acme`: the escalated case, its account with an entitlement, its owner.
 */

export const ACCOUNT = 'A1';
export const CASE = '5008d00000ACME01';
export const SALESFORCE = {
  dana: '0058d00000DANA01',
  admin: '0058d00000ADMIN1',
  tutti: '0058d00000TUTTI1',
};

const RECORDS = {
  User: [
    {
      Id: SALESFORCE.dana, Username: 'dana@tutti.example', Name: 'Dana Reyes', FirstName: 'Dana',
      LastName: 'Reyes', Email: 'dana@tutti.example', IsActive: true,
    },
    {
      Id: SALESFORCE.admin, Username: 'admin@tutti.example', Name: 'Sam Field', FirstName: 'Sam',
      LastName: 'Field', Email: 'admin@tutti.example', IsActive: true,
    },
    {
      Id: SALESFORCE.tutti, Username: 'tutti@tutti.example', Name: 'Tutti Integration',
      LastName: 'Tutti Integration', Email: 'tutti@tutti.example', IsActive: true,
    },
  ],
  Account: [
    {
      Id: ACCOUNT, Name: 'ACME', Type: 'Customer', Industry: 'Retail', OwnerId: SALESFORCE.dana,
      Tier__c: 'Enterprise', ARR__c: 480_000, Is_Trial__c: false,
    },
    {
      Id: 'A7', Name: 'Borealis', Type: 'Customer', Industry: 'Travel', OwnerId: SALESFORCE.dana,
      Tier__c: 'Enterprise', ARR__c: 310_000, Is_Trial__c: false,
    },
  ],
  Contact: [
    {
      Id: '0038d00000LENA01', AccountId: ACCOUNT, FirstName: 'Lena', LastName: 'Moreau',
      Email: 'lena.moreau@acme.example',
    },
  ],
  Entitlement: [
    {
      Id: '5508d00000ACME01', Name: 'Premier-24x7', AccountId: ACCOUNT, Type: 'Phone Support',
      Status: 'Active', StartDate: '2026-01-01', EndDate: '2026-12-31',
      First_Response_Minutes__c: 60,
    },
  ],
  Case: [
    {
      Id: CASE, CaseNumber: '00012077', Subject: 'Checkout returns 502 since this morning',
      Description: 'Our buyers cannot pay. Since about 06:30 UTC every second checkout ends with ' +
        '"502 Bad Gateway". Reloading helps once, then it fails again. We have changed nothing.',
      Status: 'Working', Priority: 'High', Origin: 'Web', AccountId: ACCOUNT,
      ContactId: '0038d00000LENA01', OwnerId: SALESFORCE.dana, EntitlementId: '5508d00000ACME01',
      IsEscalated: true,
    },
    {
      Id: '5008d00000BORE01', CaseNumber: '00012051', Subject: 'Payments fail with 502',
      Description: 'Some payments fail with 502 at checkout.', Status: 'Escalated',
      Priority: 'High', Origin: 'Email', AccountId: 'A7', OwnerId: SALESFORCE.dana,
      Jira_Key__c: 'PAY-88',
    },
  ],
};

const LAST_CHANGE = { [CASE]: '2026-03-10T08:59:40.000+0000' };
const LONG_AGO = '2026-02-01T08:00:00.000+0000';

export function seedSalesforce(org, { client_id: id, client_secret: secret }) {
  org.apps.put(id, { secret, userId: SALESFORCE.tutti });
  for (const [object, records] of Object.entries(RECORDS)) {
    for (const record of records) {
      org.keep(object, record, SALESFORCE.admin, LAST_CHANGE[record.Id] ?? LONG_AGO);
    }
  }
}
