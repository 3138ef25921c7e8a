/**
 * The tools Tutti works with, simulated: Jira, Confluence, Salesforce, GitLab, Slack and a model.
 */
import { ACTIONS, configure } from './actions.mjs';
import { createConfluence } from './confluence/index.mjs';
import { createControl } from './control.mjs';
import { createGitlab } from './gitlab/index.mjs';
import { createJira } from './jira/index.mjs';
import { createModel } from './model/index.mjs';
import { Dropped } from './reply.mjs';
import { createSalesforce } from './salesforce/index.mjs';
import { createSlack } from './slack/index.mjs';
import { World } from './world.mjs';
import { WORLDS } from './worlds/index.mjs';

export { Dropped };

/**
 * @param {object} needs
 * @param {import('libsql').Database} needs.db   where all state is kept
 * @param {{now: () => number, sleep?: (ms: number) => Promise<void>}} needs.clock  virtual time
 * @param {(event: object) => unknown} [needs.emit]  takes events over; once it has returned (or its
 *   promise is fulfilled) the event is its own, until then it is given again after a restart
 * @param {string} [needs.contracts]  the folder of the vendors' contracts
 */
export function createTools(needs) {
  const world = new World(needs);
  const jira = createJira(world);
  const made = {
    jira,
    confluence: createConfluence(world, jira.site),
    salesforce: createSalesforce(world),
    gitlab: createGitlab(world),
    slack: createSlack(world),
    model: createModel(world),
  };
  const tools = {
    products: { jira: made.jira.app, confluence: made.confluence.app },
    hosts: {
      'acme.my.salesforce.com': made.salesforce.app,
      'gitlab.com': made.gitlab.app,
      'slack.com': made.slack.app,
      'api.openai.com': made.model.app,
    },
    faults: world.faults,
    Dropped,

    /** All that the tools hold, with the marks Tutti left. */
    world: () =>
      Object.fromEntries(Object.entries(made).map(([name, tool]) => [name, tool.world()])),
    requests: () => world.requests.list(),
    problems: () => world.problems(),

    ...story(world, made),
  };
  return { ...tools, control: createControl(tools) };
}

/** How the world begins, and what happens in it without Tutti. */
function story(world, made) {
  const current = () => WORLDS[world.settings.get('world')?.name];
  const stage = () => ({ world, ...made, cast: current()?.CAST });
  const perform = (name, input) => ACTIONS[name].run(stage(), input);
  world.act = (name, input) => world.state.transact(() => perform(name, input));
  return {
    /** Begins a world anew. Nothing is kept, also not where webhooks go: configure them after. */
    seed: (name = 'acme') => {
      if (!WORLDS[name]) throw new Error(`no world ${name}; there are ${Object.keys(WORLDS)}`);
      world.state.transact(() => {
        world.state.wipe();
        world.settings.put('world', { name });
        WORLDS[name].seed({ world, ...made });
      });
    },

    /** What an admin types in to connect Tutti with the tools of this world. */
    credentials: () => current()?.CREDENTIALS ?? null,

    /** Tells the tools where to send their webhooks, as their admins would. */
    configure: (wanted) => world.state.transact(() => configure(stage(), wanted)),

    /** Somebody does something in a tool; what was to happen later by itself has then happened. */
    act: async (name, input = {}) => {
      const done = world.state.transact(() => {
        for (const { id, action } of world.due.list()) if (action === name) world.due.delete(id);
        return perform(name, input);
      });
      await world.deliver();
      return done;
    },

    /** When the world next changes by itself, or null. */
    dueAt: () => world.dueAt(),

    /** Lets happen what is due by now, in order. */
    tick: async () => {
      const due = world.due.list(({ at }) => at <= world.now()).sort((a, b) => a.at - b.at);
      for (const { id, action, input } of due) {
        world.state.transact(() => {
          world.due.delete(id);
          perform(action, input);
        });
      }
      await world.deliver();
    },

    /** What is due, for the page. */
    due: () => world.due.list(),
  };
}
