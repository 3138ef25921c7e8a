/**
 * The fixed vocabulary of the site: priorities, statuses, issue types and permissions.
 */
import { SITE } from './site.mjs';

const named = (kind, list) =>
  list.map(([id, name, more]) => ({ self: `${SITE}/rest/api/3/${kind}/${id}`, id, name, ...more }));

const icon = (kind, name) => ({ iconUrl: `${SITE}/images/icons/${kind}/${name}.svg` });

export const PRIORITIES = named('priority', [
  ['1', 'Highest', { ...icon('priorities', 'highest'), statusColor: '#d04437' }],
  ['2', 'High', { ...icon('priorities', 'high'), statusColor: '#f15C75' }],
  ['3', 'Medium', { ...icon('priorities', 'medium'), statusColor: '#f79232' }],
  ['4', 'Low', { ...icon('priorities', 'low'), statusColor: '#707070' }],
  ['5', 'Lowest', { ...icon('priorities', 'lowest'), statusColor: '#999999' }],
]);

const category = (id, key, name, colorName) => ({
  statusCategory: { self: `${SITE}/rest/api/3/statuscategory/${id}`, id, key, colorName, name },
});
const NEW = category(2, 'new', 'To Do', 'blue-gray');
const GOING = category(4, 'indeterminate', 'In Progress', 'yellow');
const DONE = category(3, 'done', 'Done', 'green');

export const STATUSES = named('status', [
  ['10000', 'To Do', { ...icon('statuses', 'open'), description: '', ...NEW }],
  ['10001', 'In Progress', { ...icon('statuses', 'inprogress'), description: '', ...GOING }],
  ['10002', 'In Review', { ...icon('statuses', 'review'), description: '', ...GOING }],
  ['10003', 'Done', { ...icon('statuses', 'closed'), description: '', ...DONE }],
]);

export const TRANSITIONS = [
  { id: '11', name: 'To Do', to: '10000' },
  { id: '21', name: 'In Progress', to: '10001' },
  { id: '31', name: 'In Review', to: '10002' },
  { id: '41', name: 'Done', to: '10003' },
];

const type = (description) => ({ description, subtask: false, hierarchyLevel: 0 });
export const ISSUE_TYPES = named('issuetype', [
  ['10101', 'Bug', { ...type('A problem or error.'), ...icon('issuetypes', 'bug') }],
  ['10102', 'Task', { ...type('A small piece of work.'), ...icon('issuetypes', 'task') }],
  ['10103', 'Story', { ...type('A goal of a user.'), ...icon('issuetypes', 'story') }],
]);

export const RESOLUTION_DONE = {
  self: `${SITE}/rest/api/3/resolution/10000`,
  id: '10000',
  name: 'Done',
  description: 'Work has been completed on this issue.',
};

/** https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-permissions/ */
export const PERMISSIONS = Object.fromEntries(
  [
    ['ADMINISTER', '0', 'Administer Jira', 'GLOBAL'],
    ['ADMINISTER_PROJECTS', '23', 'Administer Projects', 'PROJECT'],
    ['BROWSE_PROJECTS', '10', 'Browse Projects', 'PROJECT'],
    ['CREATE_ISSUES', '11', 'Create Issues', 'PROJECT'],
    ['EDIT_ISSUES', '12', 'Edit Issues', 'PROJECT'],
    ['ASSIGN_ISSUES', '13', 'Assign Issues', 'PROJECT'],
    ['ADD_COMMENTS', '15', 'Add Comments', 'PROJECT'],
    ['LINK_ISSUES', '21', 'Link Issues', 'PROJECT'],
    ['DELETE_ISSUES', '16', 'Delete Issues', 'PROJECT'],
    ['DELETE_ALL_COMMENTS', '36', 'Delete All Comments', 'PROJECT'],
    ['DELETE_OWN_COMMENTS', '37', 'Delete Own Comments', 'PROJECT'],
    ['EDIT_ALL_COMMENTS', '34', 'Edit All Comments', 'PROJECT'],
    ['EDIT_OWN_COMMENTS', '35', 'Edit Own Comments', 'PROJECT'],
    ['TRANSITION_ISSUES', '46', 'Transition Issues', 'PROJECT'],
    ['ASSIGNABLE_USER', '17', 'Assignable User', 'PROJECT'],
  ].map(([key, id, name, kind]) => [key, { id, key, name, type: kind, description: '' }]),
);

export const pick = (list, wanted) =>
  list.find((item) => item.id === String(wanted?.id ?? '') || item.name === wanted?.name);
