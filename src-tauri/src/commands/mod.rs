//! What the window may ask for: one thin function per wish, grouped by area. Rules live in core, never here.

pub mod company;
pub mod connections;
pub mod customers;
pub mod data;
pub mod history;
pub mod invoices;
pub mod items;
pub mod orders;
pub mod payments;
pub mod reports;
pub mod search;
pub mod stock;
pub mod sync;

use crate::error::UiError;
use backroom_core::Error;
use futures::FutureExt as _;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tracing::Instrument as _;
use uuid::Uuid;

/// What every command returns.
pub type Reply<T> = Result<T, UiError>;

/// Runs a command's work under a request id that also reaches the log and, on failure, the window. A panic is an answer too: without
/// one, the page would wait for ever.
fn answer<T>(command: &'static str, work: impl FnOnce() -> backroom_core::Result<T>) -> Reply<T> {
    let request_id = Uuid::now_v7();
    let span = tracing::info_span!("command", name = command, request.id = %request_id);
    span.in_scope(|| {
        // What a panic leaves half done is rolled back with its transaction.
        let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked()));
        done.map_err(|error| UiError::new(error, request_id))
    })
}

/// [`answer`] for work that waits for a vendor.
async fn answer_async<T>(command: &'static str, work: impl Future<Output = backroom_core::Result<T>>) -> Reply<T> {
    let request_id = Uuid::now_v7();
    let span = tracing::info_span!("command", name = command, request.id = %request_id);
    let work = async {
        let done = AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| Err(panicked()));
        done.map_err(|error| UiError::new(error, request_id))
    };
    work.instrument(span).await
}

fn panicked() -> Error {
    Error::Bug("something went wrong inside Backroom".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{answer, answer_async};
    use backroom_core::Code;

    #[test]
    fn a_panic_is_answered_as_a_fault_of_the_app() {
        let most = std::hint::black_box(i64::MAX);
        let error = answer::<i64>("sum", || Ok(most + 1)).expect_err("a sum that does not fit");
        assert_eq!(error.code, Code::Bug);
        let later = async { Ok::<i64, backroom_core::Error>(most + 1) };
        let error = futures::executor::block_on(answer_async("sum", later)).expect_err("the same, waited for");
        assert_eq!(error.code, Code::Bug);
    }
}
