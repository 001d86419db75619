//! The one event the window listens to, at most ten a second: a run over a thousand pages must not make the window work a thousand
//! times.

use backroom_core::event::{Event, Tag};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// Shortest time between two batches.
const PAUSE: Duration = Duration::from_millis(100);

/// Core's events as the window receives them.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type, tauri_specta::Event)]
pub struct AppEvent(pub Event);

/// What has gathered since the last batch: stale tags join, a newer snapshot of a run replaces the older one.
#[derive(Default)]
struct Gathered {
    tags: BTreeSet<Tag>,
    run: Option<Event>,
    others: Vec<Event>,
}

impl Gathered {
    fn add(&mut self, event: Event) {
        match event {
            Event::Changed { tags } => self.tags.extend(tags),
            Event::Run { .. } => self.run = Some(event),
            other => self.others.push(other),
        }
    }

    /// In the order that lets the window show the newest state: data first, then the run, then what stands for itself.
    fn take(&mut self) -> Vec<Event> {
        let tags: Vec<Tag> = std::mem::take(&mut self.tags).into_iter().collect();
        let changed = (!tags.is_empty()).then_some(Event::Changed { tags });
        changed.into_iter().chain(self.run.take()).chain(self.others.drain(..)).collect()
    }
}

/// A sender for core's events; `deliver` gets them in batches on a thread of its own, which ends with the last sender.
pub fn coalesce(deliver: impl Fn(Event) + Send + 'static) -> Sender<Event> {
    let (sender, receiver) = channel();
    std::thread::Builder::new()
        .name("events".to_owned())
        .spawn(move || forward(&receiver, &deliver))
        .expect("the system can start a thread");
    sender
}

fn forward(receiver: &Receiver<Event>, deliver: &impl Fn(Event)) {
    let mut gathered = Gathered::default();
    while let Ok(first) = receiver.recv() {
        gathered.add(first);
        gathered.take().into_iter().for_each(deliver);
        let until = Instant::now() + PAUSE;
        loop {
            match receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(event) => gathered.add(event),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => {
                    gathered.take().into_iter().for_each(deliver);
                    return;
                }
            }
        }
        gathered.take().into_iter().for_each(deliver);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_join_and_the_newest_of_each_kind_goes_out_once() {
        let mut gathered = Gathered::default();
        gathered.add(Event::Changed { tags: vec![Tag::Orders, Tag::Stock] });
        gathered.add(Event::Navigate { path: "/sync".to_owned() });
        gathered.add(Event::Changed { tags: vec![Tag::Orders] });
        let batch = gathered.take();
        assert_eq!(batch.len(), 2, "two changes join into one event");
        assert!(matches!(&batch[0], Event::Changed { tags } if tags == &[Tag::Orders, Tag::Stock]), "{batch:?}");
        assert!(gathered.take().is_empty(), "nothing goes out twice");
    }

    #[test]
    fn every_event_arrives_even_when_the_sender_ends_at_once() {
        let (done, arrived) = channel();
        let sender = coalesce(move |event| done.send(event).expect("the test listens"));
        for _ in 0..500 {
            sender.send(Event::Changed { tags: vec![Tag::Orders] }).expect("the thread listens");
        }
        sender.send(Event::Navigate { path: "/last".to_owned() }).expect("the thread listens");
        drop(sender);
        let events: Vec<Event> = arrived.iter().collect();
        assert!(matches!(events.last(), Some(Event::Navigate { path }) if path == "/last"), "the last one arrives");
        assert!(events.len() < 20, "500 changes became {} deliveries", events.len());
    }
}
