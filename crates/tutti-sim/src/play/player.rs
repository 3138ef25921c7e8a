//! One play of a story: time goes from one moment to the next at which something is due, until the
//! run is over or nothing is left to happen.

use serde_json::Value;
use tutti_core::event::{Event, Said};
use tutti_core::flow::{Flow, Trigger, is_earlier};
use tutti_core::view::RunState;

use super::outside::Scripted;
use super::question::{Question, answers, questions, said};
use super::told::{moment, span, word};
use super::{Difference, Variation};
use crate::story::{Again, Deliveries, Happening, Person, Says, Span, Story};
use crate::{Broken, Driver, Order};

/// How many moments a story may have before its run counts as one that never comes to rest.
const MOMENTS_MAX: usize = 20_000;

/// A story being played.
pub struct Player<'s> {
    story: &'s Story,
    /// The run with its world.
    pub driver: Driver<Scripted>,
    /// What is still to come, the next first.
    agenda: Vec<(Span, Due<'s>)>,
    /// People whose time has come, and who cannot say it yet.
    waiting: Vec<(usize, &'s Person)>,
    /// What was answered since the run went on last: two who speak at one moment answer two questions.
    answered: Vec<String>,
    /// Every question that was asked, in order.
    pub asked: Vec<Question>,
}

/// What comes at its time.
#[derive(Clone, Copy)]
enum Due<'s> {
    Change(usize),
    Event(usize, &'s Happening),
    Again(usize, &'s Again),
    Person(usize, &'s Person),
}

/// Why a play stops before its end.
pub enum Stop {
    /// Something is not as it should be.
    Differs(Box<Difference>),
    /// A promise was broken.
    Broken(Broken),
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl<'s> Player<'s> {
    /// A story before its first moment.
    pub fn new(story: &'s Story, flow: &Flow, variation: Variation) -> Self {
        let world = Scripted::new(story, &flow.operations);
        let own = flow.trigger.topic.split_once(':').map_or("", |(_, source)| source);
        let source = story.trigger.source.as_deref().unwrap_or(own);
        let mut driver = Driver::start_at(
            story.clock.0,
            flow.clone(),
            world,
            &story.project,
            story.trigger.payload.clone(),
            source,
        );
        driver.mischief.kill_at = variation.kill_at;
        driver.mischief.taken_at = variation.taken_at;
        driver.mischief.twice = variation.deliveries == Deliveries::Twice;
        driver.mischief.order = match variation.deliveries {
            Deliveries::Once | Deliveries::Twice => Order::Asked,
            Deliveries::Reversed => Order::Reversed,
            Deliveries::Together => Order::Together,
        };
        let (waiting, answered, asked) = (Vec::new(), Vec::new(), Vec::new());
        Self { story, driver, agenda: agenda(story), waiting, answered, asked }
    }

    /// Plays it to its end.
    ///
    /// # Errors
    /// Something is not as it should be, so that going on would show nothing.
    pub fn play(&mut self) -> Result<(), Stop> {
        for _ in 0..MOMENTS_MAX {
            // Until a dead worker's hold has ended other things happen.
            while !self.driver.hold(self.next_happening())? {
                self.happen()?;
            }
            self.answered.clear();
            self.look()?;
            if self.answer(|_| true) {
                // Who stops it at the same moment does so before anything leaves.
                while self.answer(Person::stops) {}
                continue;
            }
            if self.driver.has_to_hear() {
                continue;
            }
            let Some(next) = self.next() else { return self.all_were_heard() };
            self.driver.now = self.driver.now.max(next);
            self.happen()?;
        }
        let detail = format!("{MOMENTS_MAX} moments were not enough");
        Err(Broken { promise: "a run comes to rest", detail }.into())
    }

    /// Whether the run goes on at this moment, whoever speaks.
    fn goes_on(&self) -> bool {
        let is_due = self.driver.storage.row.due_at.is_some_and(|at| at <= self.driver.now);
        is_due || self.driver.is_at_work() || self.driver.has_to_hear()
    }

    /// Notes what people are asked, and stops at what the script lacks or must never happen.
    fn look(&mut self) -> Result<(), Stop> {
        let world = &self.driver.outside;
        if let Some(lacks) = &world.unscripted {
            return Err(Stop::Differs(Box::new(Difference {
                code: "unscripted",
                hint: lacks.hint.clone(),
                ..Difference::new(&lacks.place, lacks.message.clone(), lacks.at)
            })));
        }
        if let Some(twice) = world.made_twice() {
            let detail = format!("`{}` was done twice for {}", twice.operation, twice.key);
            return Err(Broken { promise: "one effect makes one thing", detail }.into());
        }
        // Opening a run costs the fold of its journal, and a story has many moments.
        if self.driver.storage.row.state == RunState::WaitingPerson {
            let asked = questions(&self.driver.view(), self.driver.now);
            for question in asked.into_iter().filter(Question::must_be_answered) {
                if !self.asked.iter().any(|known| known.id == question.id) {
                    self.asked.push(question);
                }
            }
        }
        Ok(())
    }

    /// The next moment at which something is due, if any is left before the story ends. The times
    /// of a worker that waits for an answer are its own.
    fn next(&self) -> Option<i64> {
        let own = self.driver.storage.row.due_at.filter(|_| !self.driver.is_at_work());
        let next = own.into_iter().chain(self.next_happening()).min()?;
        (next <= self.end()).then_some(next)
    }

    /// The next moment at which the story has something happen.
    fn next_happening(&self) -> Option<i64> {
        let (at, _) = self.agenda.first()?;
        Some(self.story.clock.0.saturating_add(at.0)).filter(|at| *at <= self.end())
    }

    /// The last moment of the story.
    fn end(&self) -> i64 {
        let end = |until: Span| self.story.clock.0.saturating_add(until.0);
        self.story.until.map_or(i64::MAX, end)
    }

    /// Everything whose time has come happens.
    fn happen(&mut self) -> Result<(), Stop> {
        let elapsed = Span(self.driver.now - self.story.clock.0);
        let due = self.agenda.partition_point(|(at, _)| *at <= elapsed);
        for (_, due) in self.agenda.drain(..due).collect::<Vec<_>>() {
            match due {
                Due::Change(index) => {
                    if let Some(change) = self.story.change.get(index) {
                        self.driver.outside.change(&change.world);
                    }
                }
                Due::Event(index, event) => {
                    let id = event.id.clone().unwrap_or_else(|| format!("event {index}"));
                    let topic = event.topic.clone();
                    self.hear(Event::Signal { id, topic, payload: event.payload.clone() });
                }
                Due::Again(index, again) => self.triggered_again(index, again)?,
                Due::Person(index, person) => self.waiting.push((index, person)),
            }
        }
        if self.goes_on() {
            // Who speaks at this moment is there before it does; who stops it, before all others.
            while self.answer(Person::stops) {}
            while self.answer(|_| true) {}
        }
        Ok(())
    }

    /// One of these who waited to say something, and can now, says it.
    fn answer(&mut self, which: impl Fn(&Person) -> bool) -> bool {
        if self.waiting.is_empty() {
            return false;
        }
        // To stop a flow whose run is over means something only to what is still to be said.
        let is_last = self.waiting.len() == 1
            && !self.agenda.iter().any(|(_, due)| matches!(due, Due::Person(..)));
        let view = self.driver.view();
        let asked = questions(&view, self.driver.now).into_iter();
        let asked: Vec<Question> = asked.filter(|one| !self.answered.contains(&one.id)).collect();
        let found = self.waiting.iter().enumerate().find_map(|(place, (index, person))| {
            let in_vain = is_last && person.says == Says::Stop && view.state.is_final();
            let speaks = which(person) && !in_vain;
            Some((place, *index, *person, said(person, &view, &asked).filter(|_| speaks)?))
        });
        let Some((place, index, person, answer)) = found else { return false };
        self.waiting.remove(place);
        self.answered.extend(answers(&answer));
        self.say(index, person, answer);
        true
    }

    fn say(&mut self, index: usize, person: &Person, answer: Said) {
        let account = person.who.clone();
        let name = person.name.clone().unwrap_or_else(|| super::told::name(&account));
        self.hear(Event::Said { id: format!("said {index}"), account, name, answer });
    }

    fn hear(&mut self, event: Event) {
        self.driver.post(event);
    }

    /// The trigger fires again: the same event is the same run; an older one is noted.
    fn triggered_again(&mut self, index: usize, again: &Again) -> Result<(), Stop> {
        let first = &self.story.trigger.payload;
        let payload = again.payload.as_ref().unwrap_or(first);
        let trigger = &self.driver.flow.trigger;
        if same(trigger, first, payload) {
            return Ok(());
        }
        if is_older(trigger, payload, first) {
            let topic = "stale_event".to_owned();
            let event =
                Event::Signal { id: format!("again {index}"), topic, payload: payload.clone() };
            self.hear(event);
            return Ok(());
        }
        let message = "this event starts a run of its own, and a story tells of one run".to_owned();
        let hint = "give it the values that `once_per` of the flow's trigger names";
        Err(Stop::Differs(Box::new(Difference {
            hint: hint.to_owned(),
            ..Difference::new(&format!("/trigger/again/{index}"), message, self.driver.now)
        })))
    }

    /// Nobody is left to speak, neither one who waits for it nor one who comes after the story's end.
    fn all_were_heard(&self) -> Result<(), Stop> {
        if let Some((index, person)) = self.waiting.first() {
            return Err(self.unheard(*index, person));
        }
        let later = self.agenda.iter().find_map(|(at, due)| match due {
            Due::Person(index, person) => Some((*at, *index, *person)),
            _ => None,
        });
        let Some((at, index, person)) = later else { return Ok(()) };
        let message =
            format!("`{}` speaks after {}, when the story is over", person.who, span(at.0));
        let difference = Difference::new(&format!("/people/{index}"), message, self.driver.now);
        Err(Stop::Differs(Box::new(Difference { code: "people", ..difference })))
    }

    fn unheard(&self, index: usize, person: &Person) -> Stop {
        let row = &self.driver.storage.row;
        let (who, since) = (&person.who, span(self.driver.now - self.story.clock.0));
        let happened = match row.state {
            state if state.is_final() => format!("the run was over after {since}: {}", row.reason),
            RunState::Running => "it was at work".to_owned(),
            state => format!("it was {}: {}", word(state), row.reason),
        };
        let what = match (person.says, &person.step) {
            (Says::Cancel, _) => format!("`{who}` should stop the run"),
            (Says::Pause, _) => format!("`{who}` should pause the run"),
            (Says::Stop, _) => format!("`{who}` should stop the flow"),
            (Says::Resume | Says::Lift, _) => format!("`{who}` should let the run go on"),
            (Says::Undo, _) => format!("`{who}` should undo the run"),
            (Says::Rerun, _) => format!("`{who}` should run it once more"),
            (_, Some(step)) => format!("`{who}` should be asked about `{step}`"),
            (_, None) => format!("`{who}` should be asked something"),
        };
        let message = format!("{what}, but {happened}");
        let place = format!("/people/{index}");
        let difference = Difference::new(&place, message, self.driver.now);
        let other = self.asked.iter().find(|it| it.is_about(person) && !it.is_to(person));
        let hint = match (other, &person.step) {
            (Some(other), _) => format!("`{}` was asked, and nobody asked `{who}`", other.who),
            (None, Some(step)) if person.says == Says::Rerun && row.state.is_final() => {
                format!(
                    "it cannot begin anew at `{step}`: only where it came, outside loops and forks, and not in what is done about a failure, or last"
                )
            }
            _ => String::new(),
        };
        Stop::Differs(Box::new(Difference { code: "people", hint, ..difference }))
    }
}

fn agenda(story: &Story) -> Vec<(Span, Due<'_>)> {
    let changes = story.change.iter().enumerate().map(|(i, each)| (each.at, Due::Change(i)));
    let again = story.trigger.again.iter().enumerate();
    let again = again.map(|(i, each)| (each.at, Due::Again(i, each)));
    let events = story.events.iter().enumerate().map(|(i, each)| (each.at, Due::Event(i, each)));
    let people = story.people.iter().enumerate().map(|(i, each)| (each.at, Due::Person(i, each)));
    let mut agenda: Vec<_> = changes.chain(again).chain(events).chain(people).collect();
    agenda.sort_by_key(|(at, _)| *at);
    agenda
}

/// What a payload does not say of what the trigger tells events apart by.
pub(crate) fn lacks(trigger: &Trigger, payload: &Value) -> Option<String> {
    let per = trigger.coalesce.iter().flat_map(|coalesce| &coalesce.per);
    let mut named = trigger.once_per.iter().chain(per);
    named.find(|path| at_path(payload, path).is_none()).map(|path| path.join("."))
}

/// Whether two payloads are one event to this trigger.
fn same(trigger: &Trigger, one: &Value, other: &Value) -> bool {
    let at = |payload: &Value, path: &[String]| at_path(payload, path);
    trigger.once_per.iter().all(|path| {
        let value = at(one, path);
        value.is_some() && value == at(other, path)
    })
}

/// Whether a payload is about the same as another and older.
fn is_older(trigger: &Trigger, payload: &Value, than: &Value) -> bool {
    trigger.newest_by.as_ref().is_some_and(|by| {
        let about = at_path(payload, &by.key);
        let (at, last) = (at_path(payload, &by.at), at_path(than, &by.at));
        let older = at.zip(last).is_some_and(|(at, last)| is_earlier(&at, &last));
        about.is_some() && about == at_path(than, &by.key) && older
    })
}

fn at_path(payload: &Value, path: &[String]) -> Option<String> {
    let value = path.iter().try_fold(payload, |value, key| value.get(key.as_str()))?;
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

impl Difference {
    /// A difference at a place of the story, seen at a moment.
    pub(super) fn new(place: &str, message: String, at: i64) -> Self {
        Self {
            at: place.to_owned(),
            code: "story",
            message,
            hint: String::new(),
            moment: moment(at),
            at_ms: at,
            before: Vec::new(),
            variation: String::new(),
        }
    }
}
