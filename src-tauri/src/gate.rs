//! Calls of the window that come before the data file is open. The window appears at once and asks at once; its calls wait here, in
//! order, and are answered as soon as core is there, or with the reason why it will not be.
//!
//! Absent on purpose: a time limit. Opening ends by itself, and a call given up meanwhile would only be asked again.

use crate::error::UiError;
use backroom_core::Code;
use parking_lot::{Condvar, Mutex};
use tauri::Runtime;
use tauri::ipc::Invoke;
use uuid::Uuid;

/// What answers calls once core is there.
type Handler<R> = dyn Fn(Invoke<R>) -> bool + Send + Sync;

/// Lets calls through when the data file is open.
pub struct Gate<R: Runtime> {
    handler: Box<Handler<R>>,
    state: Mutex<State<R>>,
    settled: Condvar,
}

enum State<R: Runtime> {
    /// The file is being opened; these calls wait for it.
    Opening(Vec<Invoke<R>>),
    Open,
    /// It could not be opened: the code and the words for every call.
    Failed(Code, String),
}

impl<R: Runtime> Gate<R> {
    /// A closed gate before these commands.
    pub fn new(handler: impl Fn(Invoke<R>) -> bool + Send + Sync + 'static) -> Self {
        Self { handler: Box::new(handler), state: Mutex::new(State::Opening(Vec::new())), settled: Condvar::new() }
    }

    /// Answers a call, now or later. Returns whether there is such a command, as far as that is known.
    pub fn pass(&self, call: Invoke<R>) -> bool {
        let mut state = self.state.lock();
        match &mut *state {
            State::Opening(waiting) => {
                waiting.push(call);
                true
            }
            State::Open => {
                drop(state);
                (self.handler)(call)
            }
            State::Failed(code, message) => {
                call.resolver.reject(refusal(*code, message));
                true
            }
        }
    }

    /// The file is open and core is managed: what waited is answered, in order, and nothing waits any more.
    pub fn open(&self) {
        for call in self.settle(State::Open) {
            let (resolver, command) = (call.resolver.clone(), call.message.command().to_owned());
            if !(self.handler)(call) {
                resolver.reject(format!("Command {command} not found"));
            }
        }
    }

    /// The file could not be opened: what waited, and whatever is asked from now on, is told why.
    pub fn fail(&self, code: Code, message: &str) {
        for call in self.settle(State::Failed(code, message.to_owned())) {
            call.resolver.reject(refusal(code, message));
        }
    }

    /// Returns when the file has been opened or could not be.
    pub fn wait(&self) {
        let mut state = self.state.lock();
        self.settled.wait_while(&mut state, |state| matches!(state, State::Opening(_)));
    }

    fn settle(&self, state: State<R>) -> Vec<Invoke<R>> {
        let before = std::mem::replace(&mut *self.state.lock(), state);
        self.settled.notify_all();
        if let State::Opening(waiting) = before { waiting } else { Vec::new() }
    }
}

fn refusal(code: Code, message: &str) -> UiError {
    let request_id = Uuid::now_v7().to_string();
    UiError { code, message: message.to_owned(), fields: Vec::new(), hint: String::new(), request_id }
}
