// What the backend's functions answer. Made from the Rust types by `cargo xtask types`.

/**
 * What an operation does to the other side.
 */
export type Access = "read" | "write" | "destroy";

/**
 * An error a person can act on.
 */
export type ApiError = {
/**
 * A stable name.
 */
code: string,
/**
 * What went wrong, in one sentence.
 */
message: string,
/**
 * What to do about it; may be empty.
 */
hint: string,
/**
 * What is wrong with a document, if that is it.
 */
problems: Array<Problem>,
};

/**
 * An approval card: exactly what will be sent, and why.
 */
export type ApprovalView = {
/**
 * The effect that is held; the answer names it.
 */
effect: string,
/**
 * The step's id.
 */
step: string,
/**
 * What will happen, naming the effect: `Reply to the customer on case 00012077`.
 */
title: string,
/**
 * The operation.
 */
operation: string,
/**
 * The tool.
 */
system: string,
/**
 * SHA-256 of the payload and what it was asked about, hex; the answer must carry it.
 */
payload_hash: string,
/**
 * The arguments, field by field, with what they replace.
 */
changes: Array<Change>,
/**
 * Why it is proposed, in one or two sentences.
 */
why: string,
/**
 * The evidence behind it, numbered from 1.
 */
evidence: Array<Evidence>,
/**
 * Whether it can be taken back.
 */
reversibility: Reversibility,
/**
 * Who is asked: an account id, or `role:…`.
 */
approver: string,
/**
 * The name of who is asked, if known.
 */
approver_name: string,
/**
 * Whether the person looking may answer.
 */
mine: boolean,
/**
 * When the question runs out.
 */
until: number | null,
/**
 * What happens then, in one sentence.
 */
then: string,
/**
 * The policy that asked for it, as written, or the built-in rule's sentence.
 */
policy: string,
/**
 * Set when the target or the payload changed since it was asked before.
 */
asked_again: string | null,
};

/**
 * A step at which a run that is over can begin anew.
 */
export type Beginning = {
/**
 * The step's id.
 */
step: string,
/**
 * The step's title.
 */
title: string,
/**
 * The tool it speaks to, `model` or `person`.
 */
system: string,
/**
 * The titles of what is written once more by this step. Whoever begins here goes through all
 * that follow, and writes theirs once more, too.
 */
writes: Array<string>,
};

/**
 * What holds a run. Each is released by itself, so that ending a stop does not undo a pause.
 */
export type Brake = "pause" | "stop";

/**
 * One field of a write: before and after.
 */
export type Change = {
/**
 * The argument's name.
 */
field: string,
/**
 * What it replaces, if anything was read.
 */
before: unknown,
/**
 * What will be, or was, written.
 */
after: unknown,
/**
 * How the new value came to be known.
 */
provenance: Array<Provenance>,
};

/**
 * Where changes are announced.
 */
export type Channel = {
/**
 * Its name.
 */
name: string,
/**
 * What lets the page listen.
 */
token: string,
};

/**
 * One field of a connection's form. Secrets go in and never come out.
 */
export type ConnectionField = {
/**
 * Its name.
 */
key: string,
/**
 * For people.
 */
label: string,
/**
 * Whether it is kept as a secret.
 */
secret: boolean,
/**
 * Whether the connection needs it.
 */
required: boolean,
/**
 * What it looks like.
 */
example: string,
/**
 * Its value, unless it is a secret.
 */
value: string | null,
/**
 * Whether it was entered.
 */
set: boolean,
};

/**
 * One connection.
 */
export type ConnectionRow = {
/**
 * The tool, or `model`.
 */
tool: string,
/**
 * For people.
 */
name: string,
/**
 * What it is for.
 */
about: string,
/**
 * Its form.
 */
fields: Array<ConnectionField>,
/**
 * How it stands.
 */
status: ConnectionStatus,
/**
 * Why, in one sentence.
 */
detail: string,
/**
 * When that was found out.
 */
checked_at: number | null,
/**
 * Until when nobody calls, because it failed again and again.
 */
held_until: number | null,
};

/**
 * How a connection stands.
 */
export type ConnectionStatus = "not_connected" | "not_checked" | "connected" | "unhealthy";

/**
 * The site's connections and web triggers.
 */
export type Connections = {
/**
 * The server's clock, milliseconds since 1970.
 */
now: number,
/**
 * One for each tool that needs credentials, and the model.
 */
connections: Array<ConnectionRow>,
/**
 * One for each tool that can call us.
 */
hooks: Array<HookRow>,
/**
 * The stop of the whole site.
 */
stopped: Stopped | null,
};

/**
 * A decision with its reasons.
 */
export type Decided = {
/**
 * The answer, field by field.
 */
answer: Record<string, unknown>,
/**
 * Why, in the decider's words.
 */
reasons: string,
/**
 * Per cent, the agent's own estimate; absent for rules and people.
 */
confidence: number | null,
/**
 * What else was considered, with why not.
 */
alternatives: Array<string>,
/**
 * Checked quotes.
 */
evidence: Array<Evidence>,
/**
 * Who decided: `model <name>`, `rules`, or a person.
 */
by: string,
/**
 * What the flow's floors and ceilings changed in the answer.
 */
raised: Array<string>,
};

/**
 * A write, as it left.
 */
export type Did = {
/**
 * `run/step/ordinal`, also the marker on what was made.
 */
effect_key: string,
/**
 * The operation.
 */
operation: string,
/**
 * What it does to the other side.
 */
access: Access,
/**
 * What may be done when its outcome is unknown.
 */
once: Once,
/**
 * Whether it can be taken back.
 */
reversibility: Reversibility,
/**
 * How it ended.
 */
outcome: EffectState,
/**
 * How often it was tried.
 */
attempts: number,
/**
 * The arguments, field by field, with what they replaced.
 */
changes: Array<Change>,
/**
 * What came back.
 */
output: unknown,
/**
 * Whether it was, or can be, taken back once the run is over; absent if it did not happen.
 */
undo: Undo | null,
};

/**
 * Something a run wrote.
 */
export type Done = {
/**
 * The step's title.
 */
title: string,
/**
 * The operation.
 */
operation: string,
/**
 * Whether it was, or can be, taken back.
 */
undo: Undo,
};

/**
 * Effect states, from wanted to known.
 */
export type EffectState = "planned" | "held" | "reserved" | "unknown" | "confirmed" | "failed" | "refused";

/**
 * One line of the timeline: past tense, one sentence.
 */
export type Entry = {
/**
 * The position in the journal.
 */
seq: number,
/**
 * When, milliseconds since 1970.
 */
at: number,
/**
 * What kind of thing happened.
 */
kind: EntryKind,
/**
 * The step it belongs to; empty for the run itself.
 */
step: string,
/**
 * The tool, `model`, `person` or `tutti`.
 */
system: string,
/**
 * How the step stands by it.
 */
state: StepState,
/**
 * What happened.
 */
text: string,
/**
 * A second line, shorter and quieter.
 */
detail: string,
/**
 * How long it took, in milliseconds.
 */
took_ms: number | null,
/**
 * Set when something was not as planned: what, and what was done instead.
 */
adapted: string | null,
/**
 * What it looked at.
 */
saw: Array<Saw>,
/**
 * What was decided.
 */
decided: Decided | null,
/**
 * What was done outside.
 */
did: Did | null,
};

/**
 * The kinds of timeline entries; the filter on the panel uses them.
 */
export type EntryKind = "run" | "read" | "decision" | "action" | "event" | "person";

/**
 * A quote from a fact.
 */
export type Evidence = {
/**
 * The fact's id.
 */
fact: string,
/**
 * The fact's source, for people: `Salesforce case 00012077`.
 */
source: string,
/**
 * The tool it came from.
 */
system: string,
/**
 * The words, found in the fact by the core.
 */
quote: string,
};

/**
 * A run to take along.
 */
export type Exported = {
/**
 * What to call the file.
 */
name: string,
/**
 * What is in it.
 */
text: string,
};

/**
 * One flow as written.
 */
export type FlowDocument = {
/**
 * Its id.
 */
id: string,
/**
 * The YAML as written.
 */
source: string,
/**
 * The current version.
 */
version: number,
/**
 * Whether it starts runs.
 */
enabled: boolean,
/**
 * What is wrong with it.
 */
problems: Array<Problem>,
};

/**
 * One flow in the list.
 */
export type FlowRow = {
/**
 * Its id.
 */
id: string,
/**
 * Its name.
 */
name: string,
/**
 * Whether it starts runs.
 */
enabled: boolean,
/**
 * The current version.
 */
version: number,
/**
 * What starts it, for people.
 */
trigger: string,
/**
 * Its top-level steps.
 */
tiles: Array<Tile>,
/**
 * What is wrong with it.
 */
problems: Array<Problem>,
/**
 * Runs among the newest hundred of the project.
 */
runs: number,
/**
 * How many of them wait for a person.
 */
waiting: number,
/**
 * When the newest of them started.
 */
last_run_at: number | null,
/**
 * Its own stop.
 */
stopped: Stopped | null,
/**
 * Why it starts no run, if its breaker is open.
 */
tripped: Tripped | null,
};

/**
 * A project's flows and newest runs.
 */
export type Flows = {
/**
 * The server's clock, milliseconds since 1970.
 */
now: number,
/**
 * The project's key.
 */
project: string,
/**
 * Its flows.
 */
flows: Array<FlowRow>,
/**
 * Its newest runs.
 */
runs: Array<RunRow>,
/**
 * The stop of the project or the site.
 */
stopped: Stopped | null,
};

/**
 * What a person needs who goes on where a run could not.
 */
export type HandOff = {
/**
 * The facts it had.
 */
known: Array<Saw>,
/**
 * What it wrote, oldest first.
 */
done: Array<Done>,
/**
 * What it could not do, and what it did not come to.
 */
missing: Array<string>,
/**
 * What to do next, in one sentence.
 */
suggestion: string,
};

/**
 * One web trigger.
 */
export type HookRow = {
/**
 * The tool that calls.
 */
tool: string,
/**
 * For people.
 */
name: string,
/**
 * How to set it up over there.
 */
about: string,
/**
 * Where it calls.
 */
url: string,
/**
 * Whether a secret was entered; without one every call is refused.
 */
set: boolean,
};

/**
 * Effect class: what may be done with a write whose outcome is not known.
 */
export type Once = "read" | "idempotent" | "keyed" | "probed" | "unsafe";

/**
 * The issue panel.
 */
export type Panel = {
/**
 * The server's clock, milliseconds since 1970.
 */
now: number,
/**
 * Who looks.
 */
me: string,
/**
 * The issue's key.
 */
issue: string,
/**
 * Its runs, newest first.
 */
runs: Array<RunView>,
/**
 * Where changes are announced, if the platform gave a token.
 */
channel: Channel | null,
/**
 * The stop that holds them.
 */
stopped: Stopped | null,
};

/**
 * A step not reached yet.
 */
export type Planned = {
/**
 * The step's id.
 */
step: string,
/**
 * A short title.
 */
title: string,
/**
 * The tool, `model` or `person`.
 */
system: string,
/**
 * What it will wait for, or empty.
 */
note: string,
};

/**
 * One thing that is wrong with a flow document.
 */
export type Problem = {
/**
 * Whether it keeps the flow from being enabled.
 */
severity: Severity,
/**
 * A stable name, `unknown_operation`.
 */
code: string,
/**
 * JSON pointer into the document; `""` is the whole.
 */
at: string,
/**
 * What is wrong, in one sentence.
 */
message: string,
/**
 * What to do about it; may be empty.
 */
hint: string,
};

/**
 * How a value came to be known.
 */
export type Provenance = "observed" | "derived" | "defaulted" | "asked" | "guessed";

/**
 * A question to a person: a form to fill in, or ways to go on.
 */
export type QuestionView = {
/**
 * Names the question; the answer carries it back.
 */
id: string,
/**
 * The step's id.
 */
step: string,
/**
 * The step's title.
 */
title: string,
/**
 * The tool it is about, or `person`.
 */
system: string,
/**
 * What is asked.
 */
question: string,
/**
 * Why a person is asked; empty where the flow asks by itself.
 */
why: string,
/**
 * Who is asked: an account id, or empty for whoever may answer for the project.
 */
who: string,
/**
 * The name of who is asked, if known.
 */
who_name: string,
/**
 * Whether the person looking may answer.
 */
mine: boolean,
/**
 * When it was asked.
 */
asked_at: number,
/**
 * When the question runs out.
 */
until: number | null,
/**
 * The JSON Schema of the answer, if it is a form.
 */
schema: Record<string, unknown> | null,
/**
 * The ways on to choose from, if it is not.
 */
ways: Array<WayView>,
};

/**
 * Whether a write can be taken back.
 */
export type Reversibility = "reversible" | "compensable" | "irreversible";

/**
 * One run in the list.
 */
export type RunRow = {
/**
 * Its id.
 */
id: string,
/**
 * The flow's id.
 */
flow: string,
/**
 * The flow's name.
 */
name: string,
/**
 * The issue on whose panel it shows.
 */
subject: string | null,
/**
 * Where it stands.
 */
state: RunState,
/**
 * Why.
 */
reason: string,
/**
 * When it started.
 */
started_at: number,
/**
 * What started it.
 */
started_by: string,
};

/**
 * Run states. Every state but `running` carries a reason.
 */
export type RunState = "running" | "waiting_person" | "waiting_outside" | "held" | "completed" | "completed_with_gaps" | "cancelled" | "failed";

/**
 * One run as the issue panel shows it.
 */
export type RunView = {
/**
 * The run's id, `tt-…`.
 */
id: string,
/**
 * The flow's id.
 */
flow: string,
/**
 * The flow's name.
 */
name: string,
/**
 * The flow version the run is pinned to.
 */
flow_version: number,
/**
 * Where the run stands.
 */
state: RunState,
/**
 * Why, in one sentence; empty while running.
 */
reason: string,
/**
 * What holds it; empty unless it is held.
 */
brakes: Array<Brake>,
/**
 * When the run started, milliseconds since 1970.
 */
started_at: number,
/**
 * What started it, for people: `Salesforce case 00012077`.
 */
started_by: string,
/**
 * When it ended; while what it wrote is being taken back, when it had ended before.
 */
ended_at: number | null,
/**
 * When it wakes by itself, if it waits.
 */
wake_at: number | null,
/**
 * The issue on whose panel it shows.
 */
subject: string | null,
/**
 * What it used so far.
 */
spend: Spend,
/**
 * The steps as tiles, in the order of the flow.
 */
strip: Array<Tile>,
/**
 * What waits for a person, first asked first.
 */
approvals: Array<ApprovalView>,
/**
 * What only a person can say, first asked first.
 */
questions: Array<QuestionView>,
/**
 * What happened, oldest first.
 */
timeline: Array<Entry>,
/**
 * Steps not reached yet, in the order of the flow.
 */
planned: Array<Planned>,
/**
 * What a finished run could not do.
 */
gaps: Array<string>,
/**
 * What a person needs to go on where the run could not.
 */
hand_off: HandOff | null,
/**
 * Where a run that is over can begin anew, in the order of the flow.
 */
beginnings: Array<Beginning>,
};

/**
 * A fact that was looked at.
 */
export type Saw = {
/**
 * The fact's id.
 */
fact: string,
/**
 * Its source, for people.
 */
source: string,
/**
 * The tool.
 */
system: string,
/**
 * When it was observed.
 */
observed_at: number,
/**
 * A short form of the value.
 */
summary: string,
/**
 * Whether it holds text others wrote.
 */
untrusted: boolean,
};

/**
 * How bad a problem is.
 */
export type Severity = "error" | "warning";

/**
 * What a run used.
 */
export type Spend = {
/**
 * Confirmed writes.
 */
actions: number,
/**
 * Calls to tools and models, retries and probes included.
 */
calls: number,
/**
 * Tokens read and written by models.
 */
tokens: number,
/**
 * Millionths of a US dollar spent on models, if the admin entered prices.
 */
usd_micros: number,
};

/**
 * How far a step is.
 */
export type StepState = "planned" | "running" | "waiting" | "done" | "adapted" | "skipped" | "failed";

/**
 * A stop that stands.
 */
export type Stopped = {
/**
 * Since when.
 */
at: number,
/**
 * Who pressed it.
 */
by: string,
/**
 * What is stopped: `this site`, `the project PAY`, `this flow`.
 */
what: string,
};

/**
 * One step on the strip.
 */
export type Tile = {
/**
 * The step's id.
 */
step: string,
/**
 * A short title.
 */
title: string,
/**
 * The tool it speaks to, `model` or `person`; picks the monogram.
 */
system: string,
/**
 * How far it is.
 */
state: StepState,
};

/**
 * The breaker of a flow is open: no run starts until an admin has looked.
 */
export type Tripped = {
/**
 * Since when.
 */
at: number,
/**
 * Why, in one sentence.
 */
why: string,
};

/**
 * Whether a write was, or can be, taken back.
 */
export type Undo = { "state": "possible" } | { "state": "done",
/**
 * When.
 */
at: number, } | { "state": "impossible",
/**
 * Why.
 */
why: string,
/**
 * Whether it may be tried again.
 */
again: boolean,
};

/**
 * A way on for a call that waits for a person, stuck or about to leave.
 */
export type Way = "again" | "happened" | "without" | "stop" | "recall" | "now";

/**
 * A way to go on.
 */
export type WayView = {
/**
 * The way.
 */
way: Way,
/**
 * For the button.
 */
label: string,
};
