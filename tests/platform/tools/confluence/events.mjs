/**
 * The product events Confluence sends to Forge apps,
 * https://developer.atlassian.com/platform/forge/events-reference/confluence/
 */

export function pageUpdated(site, actor, page) {
  const event = 'avi:confluence:updated:page';
  const space = site.spaces.get(page.spaceId);
  const version = site.current(page);
  site.world.raise({
    kind: 'product',
    event,
    actor,
    payload: {
      eventType: event,
      eventCreatedDate: site.world.iso(),
      atlassianId: site.jira.account(actor),
      suppressNotifications: version.minorEdit,
      content: {
        id: page.id,
        type: 'page',
        status: 'current',
        title: page.title,
        space: {
          id: Number(space.id), key: space.key, alias: space.key, name: space.name,
          type: 'global', status: 'current',
        },
        history: {
          latest: true,
          createdBy: person(site, page.authorId),
          ownedBy: person(site, page.authorId),
          createdDate: page.createdAt,
        },
        version: {
          by: person(site, version.authorId),
          when: version.createdAt,
          number: version.number,
        },
      },
      updateTrigger: 'content_update',
    },
  });
}

function person(site, accountId) {
  const { displayName } = site.jira.users.get(accountId);
  const names = { displayName, publicName: displayName };
  return { type: 'known', accountId, accountType: 'atlassian', ...names };
}
