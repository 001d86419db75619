//! The tour's limits, all of them: a step, an answer of the driver and a start of the app end some time, and what did not end is named.
//!
//! Neither the driver's client nor a child process has a limit of its own, so whatever is waited for goes through [`named`] or
//! [`answer`], and the whole tour runs under [`Progress::watch`].

use anyhow::{Context as _, anyhow};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

/// Longest time of one step. The longest there is takes a quarter of a minute on a machine at rest.
const STEP: Duration = Duration::from_mins(5);

/// Longest time the driver may take for one answer; it answers within a tenth of a second.
const ANSWER: Duration = Duration::from_secs(30);

/// Longest time the driver may take to start the app and reach its page, which takes half a second.
pub const START: Duration = Duration::from_mins(1);

/// Longest time for what is done after a step failed: a last picture, and ending what was started.
pub const FAREWELL: Duration = Duration::from_mins(1);

tokio::task_local! {
    /// The tour's progress, for waits that are too deep down to be handed it.
    static PROGRESS: Progress;
}

/// Where the tour is: the step going on and what it waits for.
#[derive(Clone, Debug)]
pub struct Progress(Arc<watch::Sender<Now>>);

#[derive(Debug)]
struct Now {
    step: String,
    since: Instant,
    /// From the outside in.
    waits: Vec<String>,
}

impl Progress {
    /// Before the first step.
    pub fn new() -> Self {
        let now = Now { step: "start".to_owned(), since: Instant::now(), waits: Vec::new() };
        Self(Arc::new(watch::Sender::new(now)))
    }

    /// A step begins, and with it its time.
    pub fn begin(&self, step: &str) {
        self.0.send_modify(|now| {
            step.clone_into(&mut now.step);
            now.since = Instant::now();
        });
    }

    /// Runs the steps. One that fails or lasts too long ends them all, with an error that names it; its work is dropped where it is.
    pub async fn watch<T>(&self, steps: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
        let ended = tokio::select! {
            ended = PROGRESS.scope(self.clone(), steps) => ended,
            error = self.overdue() => Err(error),
        };
        ended.with_context(|| format!("it stopped at “{}”", self.0.borrow().step))
    }

    /// Returns once a step has lasted too long.
    async fn overdue(&self) -> anyhow::Error {
        let mut now = self.0.subscribe();
        loop {
            let end = now.borrow_and_update().since + STEP;
            tokio::select! {
                biased;
                // The sender is this one's own, so it is there.
                _ = now.changed() => {}
                () = tokio::time::sleep_until(end) => break,
            }
        }
        let waits = now.borrow().waits.join(": ");
        let waits = if waits.is_empty() { "something without a name" } else { &waits };
        anyhow!("the step lasted longer than {} s and waited for {waits}", STEP.as_secs())
    }
}

/// Gives what is waited for a name for as long as it lasts.
pub async fn named<T>(what: &str, wait: impl Future<Output = T>) -> T {
    let _named = Named::push(what);
    wait.await
}

/// An answer of the driver. One that does not come in time is an error, as the driver's client would wait for ever.
pub async fn answer<T, E>(what: &str, answer: impl Future<Output = Result<T, E>>) -> anyhow::Result<T>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let answer = named(what, timeout(ANSWER, answer)).await;
    Ok(answer.map_err(|_late| anyhow!("the driver gave no answer within {} s: {what}", ANSWER.as_secs()))??)
}

/// A name that is gone when the wait is, however it ends.
struct Named(Option<Progress>);

impl Named {
    fn push(what: &str) -> Self {
        // Outside the tour, as in unit tests, nobody asks.
        let progress = PROGRESS.try_with(Clone::clone).ok();
        if let Some(Progress(now)) = &progress {
            // No step has begun or ended, so nobody is woken.
            now.send_if_modified(|now| {
                now.waits.push(what.to_owned());
                false
            });
        }
        Self(progress)
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        if let Some(Progress(now)) = &self.0 {
            now.send_if_modified(|now| {
                now.waits.pop();
                false
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    #[tokio::test(start_paused = true)]
    async fn a_step_that_never_ends_is_reported_by_name_and_by_what_it_waited_for() {
        let progress = Progress::new();
        let begun = Instant::now();
        let steps = async {
            progress.begin("Open the app");
            tokio::time::sleep(STEP / 2).await;
            progress.begin("Look at the page");
            named("“Paid” in the window", named("the page's text", pending::<anyhow::Result<()>>())).await
        };
        let error = format!("{:#}", progress.watch(steps).await.expect_err("it has a limit"));
        assert_eq!(
            error,
            "it stopped at “Look at the page”: the step lasted longer than 300 s and waited for “Paid” in the window: the \
             page's text"
        );
        assert_eq!(begun.elapsed(), STEP / 2 + STEP, "each step has its own time");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_ended_is_not_what_a_step_stands_still_at() {
        let progress = Progress::new();
        let steps = async {
            named("the first thing", tokio::time::sleep(Duration::from_secs(1))).await;
            pending::<anyhow::Result<()>>().await
        };
        let error = format!("{:#}", progress.watch(steps).await.expect_err("it has a limit"));
        assert!(error.ends_with("waited for something without a name"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_never_comes_fails_the_step_long_before_the_step_is_overdue() {
        let progress = Progress::new();
        let begun = Instant::now();
        let steps = async {
            progress.begin("Take a picture");
            answer("a picture", pending::<Result<(), std::io::Error>>()).await
        };
        let error = format!("{:#}", progress.watch(steps).await.expect_err("it has a limit"));
        assert_eq!(error, "it stopped at “Take a picture”: the driver gave no answer within 30 s: a picture");
        assert_eq!(begun.elapsed(), ANSWER);
    }

    #[tokio::test(start_paused = true)]
    async fn steps_that_end_in_time_may_take_as_long_as_they_like_together() {
        let progress = Progress::new();
        let steps = async {
            for step in ["one", "two", "three"] {
                progress.begin(step);
                tokio::time::sleep(STEP / 2).await;
            }
            Ok(3)
        };
        assert_eq!(progress.watch(steps).await.expect("they end"), 3);
    }
}
