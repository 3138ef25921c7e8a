/**
 * The world `acme` with one difference: the account is on trial.
 */
import * as acme from './acme.mjs';

export const { CAST, CREDENTIALS } = acme;

export function seed(tools) {
  acme.seed(tools);
  const { org } = tools.salesforce;
  const account = org.find('Account', acme.ACCOUNT);
  org.keep('Account', { ...account, ARR__c: 0, Is_Trial__c: true }, acme.SALESFORCE.admin);
}
